import type { Emulator } from '../emulator.ts'
import { call } from './call.ts'
import type { Call } from './call.ts'
import { amount, choice, eventName, flag, integer, json, nullable, optional, text } from './field.ts'
import type { Fields, Values } from './field.ts'

const bot = optional(integer(0))
const shard = optional(integer(0))
const seed = optional(integer(0))
const on = optional(flag)
const profile = optional(choice('A', 'B', 'C'))

/** What {@link Emulator} does, by the names of its methods. */
export const emulatorCalls = {
  dispatch: method({ type: eventName, data: json, bot, shard }, (emulator, { type, data, ...target }) => ({
    sessions: emulator.dispatch(type, data, target),
  })),
  say: method({ content: text, channelId: optional(text), bot }, (emulator, { content, ...options }) => ({
    sessions: emulator.say(content, options),
  })),
  outage: method(
    {
      on,
      upgradeStatus: optional(nullable(integer(300, 599))),
      answer: optional(choice('invalid-session', 'silence')),
    },
    (emulator, { on: isOut = true, upgradeStatus = 503, answer }) =>
      emulator.outage(isOut ? { upgradeStatus: upgradeStatus ?? undefined, answer } : false),
  ),
  deadResumeHost: method({ on, closeListener: optional(flag) }, (emulator, options) =>
    emulator.deadResumeHost(options),
  ),
  grantChannel: method(
    { channelId: text, granted: optional(flag), bot },
    (emulator, { channelId, ...options }) => ({ sessions: emulator.grantChannel(channelId, options) }),
  ),
  traffic: method({ profile, ratePerSecond: optional(amount), seed }, (emulator, options) =>
    emulator.traffic.start(options),
  ),
  blast: method(
    {
      count: integer(1, 1_000_000),
      profile,
      seed,
      bot,
      shard,
      mode: optional(choice('routed', 'every-session')),
      repeat: optional(integer(1)),
    },
    async (emulator, { count, profile: mix, seed: number, bot: index, ...options }) =>
      emulator.blast(emulator.prepare({ count, profile: mix, seed: number, bot: index }), options),
  ),
} as const satisfies Readonly<Record<string, Call<Emulator>>>

function method<Of extends Fields>(
  fields: Of,
  run: (emulator: Emulator, values: Values<Of>) => unknown,
): Call<Emulator> {
  return call(fields, run)
}
