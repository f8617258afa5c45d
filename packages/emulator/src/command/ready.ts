import type { Gateway } from '../gateway.ts'
import { OutboundEvent } from '../dispatch/outbound-event.ts'
import type { Session } from '../session/session.ts'

/** How many portions the GUILD_CREATEs after READY are spread over. */
const backfillSteps = 10
/** Above this much unread data the backfill waits for the client. */
const backfillHighWaterBytes = 4 * 1024 * 1024
const backfillRetryMs = 10

/** The discard port: nothing listens there. */
const deadAuthority = '127.0.0.1:9'

/** READY as `s` 1, then this shard's guilds in no order, spread over time (rule E16). */
export function sendReady(
  gateway: Gateway,
  session: Session,
  guildIds: readonly string[],
  withShard: boolean,
): void {
  const { user, application } = session.bot.world
  session.send('READY', {
    v: Number(session.version),
    user_settings: {},
    user,
    session_type: 'normal',
    session_id: session.id,
    resume_gateway_url: resumeUrl(gateway),
    relationships: [],
    private_channels: [],
    presences: [],
    guilds: guildIds.map((id) => ({ id, unavailable: true })),
    guild_join_requests: [],
    geo_ordered_rtc_regions: ['us-east', 'rotterdam', 'singapore'],
    game_relationships: [],
    auth: {},
    application,
    ...(withShard && { shard: [session.shardId, session.shardCount] }),
    _trace: gateway.trace(),
  })
  backfill(gateway, session, gateway.random.shuffle(guildIds))
}

/** GUILD_CREATE with `unavailable: false`, or GUILD_DELETE with `true` for a guild in outage. */
export function guildArrival(session: Session, guildId: string): OutboundEvent {
  const { world, unavailableGuilds } = session.bot
  return unavailableGuilds.has(guildId)
    ? new OutboundEvent('GUILD_DELETE', { id: guildId, unavailable: true })
    : new OutboundEvent('GUILD_CREATE', { ...world.guildCreate(guildId), unavailable: false })
}

function resumeUrl({ faults, resumeUrl: alive }: Gateway): string {
  return faults.deadResumeHost ? `${new URL(alive).protocol}//${deadAuthority}` : alive
}

function backfill(gateway: Gateway, session: Session, guildIds: readonly string[]): void {
  const { clock, guildBackfillMs } = gateway.settings
  const portion = Math.max(1, Math.ceil(guildIds.length / backfillSteps))
  const pauseMs = guildBackfillMs / backfillSteps
  let next = 0
  const step = (): void => {
    if (session.endReason !== undefined) return
    if ((session.link?.bufferedBytes ?? 0) > backfillHighWaterBytes) {
      clock.setTimeout(step, backfillRetryMs)
      return
    }
    for (const guildId of guildIds.slice(next, next + portion)) session.offer(guildArrival(session, guildId))
    next += portion
    gateway.signals.changed()
    if (next >= guildIds.length) {
      session.hasGuilds = true
      const { id: sessionId, shardId } = session
      gateway.signals.emit('guilds', { sessionId, shardId })
    } else if (pauseMs > 0) clock.setTimeout(step, pauseMs)
    else step()
  }
  if (pauseMs > 0) clock.setTimeout(step, pauseMs)
  else step()
}
