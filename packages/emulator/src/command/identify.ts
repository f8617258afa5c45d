import type { Bot } from '../bot/bot.ts'
import type { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'
import { CloseCode } from '../protocol/close-code.ts'
import { privilegedIntents } from '../protocol/intent.ts'
import { channelObfuscationCapability, shardOfGuild } from '../protocol/limit.ts'
import { Session } from '../session/session.ts'
import type { CommandHandler } from './command.ts'
import { parseIdentify } from './identify-payload.ts'
import type { IdentifyPayload, Refusal } from './identify-payload.ts'
import { broadcastPresence } from './presence.ts'
import { sendReady } from './ready.ts'

const noChannels: ReadonlySet<string> = new Set()

/** Op 2: checks, budgets, then READY (rules E9–E16). */
export const identify: CommandHandler = (gateway, connection, data) => {
  const { settings } = gateway
  if (connection.phase === 'live' || connection.phase === 'identifying') {
    gateway.reject(connection, 'already-authenticated', 'second identify', CloseCode.AlreadyAuthenticated)
    return
  }
  const payload = parseIdentify(data, {
    version: Number(connection.record.version),
    shardCountBase: settings.shardCountBase,
    acceptUserIntents: settings.switches.userIntents === 'accept',
    transportCompression: connection.record.compression !== 'none',
  })
  if ('code' in payload) {
    refuse(gateway, connection, payload)
    return
  }
  const bot = gateway.botOfToken(payload.token, 'identify')
  if (bot === undefined) {
    const code = CloseCode.AuthenticationFailed
    refuse(gateway, connection, { rule: 'token', message: 'unknown token', code }, payload)
    return
  }
  connection.shard = payload.shard?.[0] ?? 0
  const refusal = applicationRefusal(bot, payload, gateway.settings.guildsPerShard)
  if (refusal !== undefined) {
    refuse(gateway, connection, refusal, payload, bot)
    return
  }
  if (gateway.faults.outage !== undefined) {
    record(gateway, connection, payload, bot, 'outage')
    const { answer = 'invalid-session' } = gateway.faults.outage
    if (answer === 'invalid-session') gateway.invalidate(connection, false)
    return
  }
  if (!withinBudget(gateway, connection, payload, bot)) return
  start(gateway, connection, payload, bot)
}

function applicationRefusal(bot: Bot, payload: IdentifyPayload, mostGuilds: number): Refusal | undefined {
  const disallowed = payload.intents & privilegedIntents & ~bot.privilegedIntents
  if (disallowed !== 0) {
    const message = `privileged intents ${disallowed} are not enabled`
    return { rule: 'intents', message, code: CloseCode.DisallowedIntents }
  }
  const [shardId, shardCount] = payload.shard ?? [0, 1]
  if (bot.world.guildIds.length <= mostGuilds) return undefined
  const guilds = bot.world.guildIds.filter((id) => shardOfGuild(id, shardCount) === shardId).length
  if (guilds <= mostGuilds) return undefined
  return {
    rule: 'sharding-required',
    message: `${guilds} guilds on one shard`,
    code: CloseCode.ShardingRequired,
  }
}

/** Daily budget first, then the slot of the bucket; an identify that comes too early counts as a start. */
function withinBudget(gateway: Gateway, connection: Connection, payload: IdentifyPayload, bot: Bot): boolean {
  const { settings } = gateway
  if (!bot.startLimit.take()) {
    gateway.violation('session-start-limit', 'no identifies are left', connection)
    const reaction = settings.switches.startLimitExhausted
    if (reaction !== 'ignore') record(gateway, connection, payload, bot, 'session-start-limit')
    if (reaction === 'reset-token') {
      gateway.resetToken(bot)
      connection.close(CloseCode.AuthenticationFailed)
      return false
    }
    if (reaction === 'invalid-session') {
      punish(gateway, connection)
      return false
    }
  }
  const earlyMs = bot.identifyWindow.take(payload.shard?.[0] ?? 0, settings.clock.now())
  if (earlyMs <= 0) return true
  const message = `identify came ${earlyMs.toFixed(0)} ms before its bucket was free`
  record(gateway, connection, payload, bot, 'identify-spacing')
  punish(gateway, connection)
  gateway.violation('identify-spacing', message, connection)
  return false
}

/** Op 9 `d:false` after a pause, the socket left open. */
function punish(gateway: Gateway, connection: Connection): void {
  connection.phase = 'identifying'
  const [min, max] = gateway.settings.invalidSessionDelayMs
  gateway.later(connection, gateway.random.between(min, max), () => gateway.invalidate(connection, false))
}

function start(gateway: Gateway, connection: Connection, payload: IdentifyPayload, bot: Bot): void {
  const { settings, random } = gateway
  const [shardId, shardCount] = payload.shard ?? [0, 1]
  const guildIds = bot.world.guildIds.filter((id) => shardOfGuild(id, shardCount) === shardId)
  const { channelObfuscation } = settings
  const obfuscated =
    channelObfuscation === 'all' ||
    (channelObfuscation === 'opt-in' && (payload.capabilities & channelObfuscationCapability) !== 0)
  const session = new Session({
    id: random.hex(32),
    bot,
    shardId,
    shardCount,
    version: connection.record.version,
    encoding: connection.encoding,
    view: {
      intents: payload.intents,
      selfId: bot.world.user.id,
      largeThreshold: payload.largeThreshold,
      hiddenChannelIds: obfuscated ? bot.hiddenChannelIds : noChannels,
    },
    replayCap: settings.replayCap ?? Math.max(100, Math.min(3500, 75 * guildIds.length)),
  })
  bot.sessions.add(session)
  if (payload.compress) connection.compressPayloads()
  gateway.attach(session, connection)
  sendReady(gateway, session, guildIds, payload.shard !== undefined)
  record(gateway, connection, payload, bot, 'ready')
  if (payload.presence !== undefined) broadcastPresence(gateway, session, payload.presence)
}

function refuse(
  gateway: Gateway,
  connection: Connection,
  refusal: Refusal,
  payload?: IdentifyPayload,
  bot?: Bot,
): void {
  record(gateway, connection, payload, bot, refusal.rule)
  gateway.reject(connection, refusal.rule, refusal.message, refusal.code)
}

function record(
  gateway: Gateway,
  connection: Connection,
  payload: IdentifyPayload | undefined,
  bot: Bot | undefined,
  outcome: string,
): void {
  const identified = {
    connection: connection.id,
    bot: bot?.index ?? null,
    shard: payload?.shard ?? ([0, 1] as const),
    intents: payload?.intents ?? 0,
    atMs: gateway.settings.clock.now(),
    outcome,
  }
  gateway.recorder.identifies.push(identified)
  gateway.signals.emit('identify', identified)
}
