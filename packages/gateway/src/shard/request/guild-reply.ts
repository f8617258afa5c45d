import type {
  GatewayChannelInfoDispatchData,
  GatewaySoundboardSoundsDispatchData,
} from 'discord-api-types/v10'

import type { Clock } from '../../clock.ts'
import { CommandError } from '../../errors.ts'
import type { GatewayCommand } from '../../protocol/commands.ts'
import { Opcode } from '../../protocol/opcodes.ts'
import type { GatewayEvent } from '../event.ts'
import type { ShardRunner } from '../shard-runner.ts'
import { patienceMs, ReplyStream, sendRequest } from './reply-stream.ts'
import { defaultReplyTimeoutMs, type RequestOptions } from './request-options.ts'

/** One SOUNDBOARD_SOUNDS: the sounds of one guild. */
export type SoundboardSounds = GatewaySoundboardSoundsDispatchData
/** One CHANNEL_INFO: what was asked for, of the channels of one guild that have it. */
export type ChannelInfo = GatewayChannelInfoDispatchData
/** What can be asked of a guild's channels; newer fields pass through. */
export type ChannelInfoField = 'status' | 'voice_start_time' | (string & {})

interface GuildReplies<Reply> extends RequestOptions {
  readonly runner: ShardRunner
  readonly clock: Clock
  readonly what: string
  readonly type: 'SOUNDBOARD_SOUNDS' | 'CHANNEL_INFO'
  readonly guildIds: readonly string[]
  /** The request for guilds that have not answered. */
  readonly command: (guildIds: readonly string[]) => GatewayCommand
  readonly reply: (event: GatewayEvent) => Reply | undefined
}

/** One reply a guild, in any order; in a new session the guilds that have not answered are asked again. */
function guildReplies<Reply extends { readonly guild_id: string }>(
  options: GuildReplies<Reply>,
): AsyncIterableIterator<Reply, undefined> {
  const { runner, clock, what, type, command, timeoutMs = defaultReplyTimeoutMs, signal } = options
  const missing = new Set(options.guildIds)
  const send = (): void => sendRequest(runner, command([...missing]), stream)
  const saw = (event: GatewayEvent): void => {
    if (event.type === 'SHARD_DISCONNECTED') stream.restartDeadline(patienceMs)
    else if (event.type === 'SHARD_CONNECTED') {
      stream.restartDeadline(0)
      if (!event.data.resumed) send()
    } else {
      const reply = options.reply(event)
      if (reply === undefined || !missing.delete(reply.guild_id)) return
      stream.push(reply)
      if (missing.size === 0) stream.finish()
    }
  }
  const types = [type, 'SHARD_DISCONNECTED', 'SHARD_CONNECTED']
  const stream = new ReplyStream<Reply>({ runner, clock, timeoutMs, what, signal, types, saw, begin: send })
  return stream
}

/** Asks for the soundboard sounds of guilds (Discord docs, *Gateway Events*, Request Soundboard Sounds). */
export function requestSoundboardSounds(
  runner: ShardRunner,
  clock: Clock,
  guildIds: readonly string[],
  options: RequestOptions = {},
): AsyncIterableIterator<SoundboardSounds, undefined> {
  if (guildIds.length === 0) {
    throw new CommandError('COMMAND_INVALID', 'guildIds must hold the id of a guild at least')
  }
  return guildReplies<SoundboardSounds>({
    ...options,
    runner,
    clock,
    what: `the request for soundboard sounds of ${guildIds.length} guilds`,
    type: 'SOUNDBOARD_SOUNDS',
    guildIds,
    command: (ids) => ({ op: Opcode.RequestSoundboardSounds, d: { guild_ids: [...ids] } }),
    reply: (event) => (event.type === 'SOUNDBOARD_SOUNDS' ? event.data : undefined),
  })
}

/** Asks for status or voice start time of a guild's channels (Discord docs, *Gateway Events*, Request Channel Info). */
export async function requestChannelInfo(
  runner: ShardRunner,
  clock: Clock,
  guildId: string,
  fields: readonly ChannelInfoField[],
  options: RequestOptions = {},
): Promise<ChannelInfo> {
  const replies = guildReplies<ChannelInfo>({
    ...options,
    runner,
    clock,
    what: `the request for channel info of guild ${guildId}`,
    type: 'CHANNEL_INFO',
    guildIds: [guildId],
    // The set of fields is open; discord-api-types names those that are documented.
    command: () =>
      ({ op: Opcode.RequestChannelInfo, d: { guild_id: guildId, fields: [...fields] } }) as GatewayCommand,
    reply: (event) => (event.type === 'CHANNEL_INFO' ? event.data : undefined),
  })
  const { value } = await replies.next()
  if (value === undefined) throw new CommandError('COMMAND_INVALID', 'the request ended without a reply')
  return value
}
