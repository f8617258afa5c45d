import type { ShardHandle } from '../fault/shard-handle.ts'
import { call } from './call.ts'
import type { Call } from './call.ts'
import { amount, choice, flag, integer, json, optional, text } from './field.ts'
import type { Fields, Values } from './field.ts'

/** Every method of {@link ShardHandle}. */
export type FaultName = {
  [Name in keyof ShardHandle]: ShardHandle[Name] extends (...values: never[]) => unknown ? Name : never
}[keyof ShardHandle]

const times = optional(integer(1))
const on = optional(flag)

/** What {@link ShardHandle} does, by the names of its methods: one that is missing here does not compile. */
export const faultCalls: Readonly<Record<FaultName, Call<ShardHandle>>> = {
  drop: fault({}, (shard) => shard.drop()),
  reset: fault({}, (shard) => shard.reset()),
  freeze: fault({}, (shard) => shard.freeze()),
  thaw: fault({}, (shard) => shard.thaw()),
  refuseUpgrade: fault({ status: integer(300, 599), times }, (shard, { status, times: left }) =>
    shard.refuseUpgrade(status, { times: left }),
  ),
  withholdHello: fault({ times }, (shard, options) => shard.withholdHello(options)),
  coalesceHello: fault({ times }, (shard, options) => shard.coalesceHello(options)),
  withholdAcks: fault({ on }, (shard, { on: withhold }) => shard.withholdAcks(withhold)),
  delay: fault({ delayMs: amount }, (shard, { delayMs }) => shard.delay(delayMs)),
  splitFrames: fault({ pieces: integer(1, 1000) }, (shard, { pieces }) => shard.splitFrames(pieces)),
  voice: fault({ answer: choice('normal', 'silent', 'null-endpoint') }, (shard, { answer }) =>
    shard.voice(answer),
  ),
  requestHeartbeat: fault({}, (shard) => shard.requestHeartbeat()),
  reconnect: fault({ when: optional(choice('before-hello', 'instead-of-hello')), times }, (shard, options) =>
    shard.reconnect(options),
  ),
  invalidateSession: fault({ resumable: flag }, (shard, { resumable }) => shard.invalidateSession(resumable)),
  close: fault({ code: optional(integer(0, 65_535)), reason: optional(text) }, (shard, { code, reason }) =>
    shard.close(code, reason),
  ),
  corruptNext: fault({}, (shard) => shard.corruptNext()),
  truncateNext: fault({}, (shard) => shard.truncateNext()),
  expireSession: fault({}, (shard) => shard.expireSession()),
  sendRaw: fault({ payload: json }, (shard, { payload }) =>
    shard.sendRaw(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  ),
  guildOutage: fault({ guildId: text, on }, (shard, { guildId, on: isOut }) =>
    shard.guildOutage(guildId, isOut),
  ),
}

/** Answers with what there was to act on. */
function fault<Of extends Fields>(
  fields: Of,
  run: (shard: ShardHandle, values: Values<Of>) => void,
): Call<ShardHandle> {
  return call(fields, (shard: ShardHandle, values: Values<Of>) => {
    const { connectionCount, sessionCount } = shard
    run(shard, values)
    return { connections: connectionCount, sessions: sessionCount }
  })
}
