import type {
  GatewayVoiceServerUpdateDispatchData,
  GatewayVoiceStateUpdateDispatchData,
} from 'discord-api-types/v10'

import { CommandError } from '../../errors.ts'
import type { GatewayCommand } from '../../protocol/commands.ts'
import { Intents } from '../../protocol/intents.ts'
import { Opcode } from '../../protocol/opcodes.ts'
import type { GatewayEvent } from '../event.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import type { ShardRunner } from '../shard-runner.ts'
import { patienceMs, ReplyStream, sendRequest } from './reply-stream.ts'
import { defaultReplyTimeoutMs, type RequestOptions } from './request-options.ts'

/** The bot's own voice state in a guild (Discord docs, *Gateway Events*, Update Voice State). */
export interface VoiceStateUpdate {
  readonly guildId: string
  /** The channel to join or to move to; `null` leaves. */
  readonly channelId: string | null
  /** Default false. */
  readonly selfMute?: boolean
  /** Default false. */
  readonly selfDeaf?: boolean
}

/** What a voice client needs: both events that answer a join, whichever came first. */
export interface VoiceCredentials {
  readonly state: GatewayVoiceStateUpdateDispatchData
  /** Its endpoint is a string: while Discord has no server for the guild, the wait goes on. */
  readonly server: GatewayVoiceServerUpdateDispatchData
}

/** An op 4. */
export function voiceCommand({
  guildId,
  channelId,
  selfMute = false,
  selfDeaf = false,
}: VoiceStateUpdate): GatewayCommand {
  // All four keys: without channel_id Discord ends the session some seconds later.
  const d = { guild_id: guildId, channel_id: channelId, self_mute: selfMute, self_deaf: selfDeaf }
  return { op: Opcode.VoiceStateUpdate, d }
}

/**
 * Joins or moves to a voice channel and waits for the pair of events with which a voice client connects. A channel that
 * is full, hidden or forbidden is answered with silence: TIMEOUT_REPLY.
 */
export async function joinVoice(
  runner: ShardRunner,
  { clock, intents, token }: Pick<ResolvedOptions, 'clock' | 'intents' | 'token'>,
  update: VoiceStateUpdate & { readonly channelId: string },
  options: RequestOptions = {},
): Promise<VoiceCredentials> {
  const { guildId, channelId } = update
  const { timeoutMs = defaultReplyTimeoutMs, signal } = options
  if ((intents & Intents.GuildVoiceStates) === 0) {
    throw new CommandError(
      'COMMAND_INVALID',
      'joining needs Intents.GuildVoiceStates: without it half of the answer is missing',
    )
  }
  const ownId = userIdOf(token)
  let state: VoiceCredentials['state'] | undefined
  let server: VoiceCredentials['server'] | undefined
  const send = (): void => sendRequest(runner, voiceCommand(update), stream)
  const saw = (event: GatewayEvent): void => {
    if (event.type === 'SHARD_DISCONNECTED') stream.restartDeadline(patienceMs)
    else if (event.type === 'SHARD_CONNECTED') {
      stream.restartDeadline(0)
      if (!event.data.resumed) send()
    } else if (event.type === 'VOICE_STATE_UPDATE') {
      const { guild_id: inGuild, channel_id: inChannel, user_id: userId } = event.data
      const isOwn = ownId === undefined || userId === ownId
      if (inGuild === guildId && inChannel === channelId && isOwn) state = event.data
    } else if (event.type === 'VOICE_SERVER_UPDATE') {
      if (event.data.guild_id === guildId && event.data.endpoint !== null) server = event.data
    }
    if (state && server) {
      stream.push({ state, server })
      stream.finish()
    }
  }
  const stream = new ReplyStream<VoiceCredentials>({
    runner,
    clock,
    timeoutMs,
    what: `the join of voice channel ${channelId} in guild ${guildId}`,
    signal,
    types: ['VOICE_STATE_UPDATE', 'VOICE_SERVER_UPDATE', 'SHARD_DISCONNECTED', 'SHARD_CONNECTED'],
    saw,
    begin: send,
  })
  const { value } = await stream.next()
  if (value === undefined) throw new CommandError('COMMAND_INVALID', 'the join ended without a reply')
  return value
}

/** The bot's user id, which a token begins with in Base64; `undefined` for tokens of another make, as proxies give. */
function userIdOf(token: string): string | undefined {
  const id = Buffer.from(token.split('.')[0] ?? '', 'base64').toString('latin1')
  return /^\d{15,20}$/.test(id) ? id : undefined
}
