/**
 * What is not known about Discord, one switch each. `[D]` documented, `[S]` said by staff, `[O]` observed,
 * `[I]` our inference. A default tagged `[I]` is a choice, not a fact.
 */
export interface Switches {
  /**
   * Answer to an unsupported `v`. Default `'close-4012'` [O]; the *API Reference* says that discontinued
   * versions get HTTP 400 (`'http-400'`) [D].
   */
  readonly badVersion: 'close-4012' | 'http-400'
  /** Answer to an unknown `encoding` or `compress`. Default `'http-400'` [I]; `'ignore'` uses json and none. */
  readonly badQuery: 'http-400' | 'ignore'
  /** Close code for an unknown or user-only opcode. Default 4001 [D]; 4002 was seen on bots in 2026 [O]. */
  readonly unknownOpcode: 4001 | 4002
  /**
   * Reaction to a malformed op 4 or op 8. Default `'close-4001'` [O 2020]; `'invalid-session'` answers op 9
   * `d:false` after about five seconds [O 2023].
   */
  readonly malformedCommand: 'close-4001' | 'invalid-session'
  /** Close code when beats stop. Unknown; default 4000 [I]. */
  readonly missedHeartbeat: 1000 | 1001 | 4000 | 4009
  /** Whether op 9 `d:false` also closes the socket, and with what. Unknown; default `'keep-open'` [S, old]. */
  readonly afterInvalidSession: 'keep-open' | 'close-4000'
  /** Resume whose `seq` is older than the buffer. Default `'invalid-session'` [U]; 4007 was said in 2019 [S]. */
  readonly resumeTooOld: 'invalid-session' | 'close-4007'
  /** Resume with another `v` or `encoding` than the identify. Default `'invalid-session'` [I, docs ask for the same]. */
  readonly resumeMismatch: 'invalid-session' | 'accept'
  /** Close code of the older socket when another resumes its session. Default 4000 [I]; 4006 in 2018 [O]. */
  readonly takenOver: 4000 | 4006
  /** Identify when `remaining` is 0. Default `'invalid-session'` [I]; `'reset-token'` kills every session [D]. */
  readonly startLimitExhausted: 'invalid-session' | 'reset-token' | 'ignore'
  /** A sixth presence in 20 s. Default `'drop'` [I]; `'close-4008'` is the other guess. */
  readonly presenceExcess: 'drop' | 'close-4008'
  /** Intent bits of user accounts on a bot token. Unknown; default `'reject'` with 4013 [I]. */
  readonly userIntents: 'reject' | 'accept'
  /** Whom a RATE_LIMITED member list counts for. Default `'bot'` [D]; the PR text said session. */
  readonly memberListScope: 'bot' | 'session'
  /**
   * Where a token may carry the `Bot ` prefix. Default `'everywhere'`: identify [S], and resume, where eris and
   * oceanic.js have sent nothing else for years [O]. One report of 2019 suspected the prefix behind a failed resume
   * [O, untested by its author]: `'identify'`.
   */
  readonly botPrefix: 'everywhere' | 'identify' | 'nowhere'
  /**
   * How `encoding=etf` sends snowflakes: decimal strings of 17 to 20 digits named `id` or `*_id`, and those in `*_ids`,
   * `roles` and `mention_roles`. Default `'integer'` [O, captures of 2018]; docs say "64-bit integers or strings" [D].
   */
  readonly etfSnowflakes: 'integer' | 'string'
  /**
   * How `encoding=etf` writes the keys of `d`, those of the envelope being atoms. Default `'atom'`; both were seen, by
   * event [O, captures of 2018]. Keys that are data, such as snowflakes, are always binaries [O].
   */
  readonly etfKeys: 'atom' | 'binary'
}

/** The default of each switch; see {@link Switches} for the evidence. */
export const defaultSwitches: Switches = {
  badVersion: 'close-4012',
  badQuery: 'http-400',
  unknownOpcode: 4001,
  malformedCommand: 'close-4001',
  missedHeartbeat: 4000,
  afterInvalidSession: 'keep-open',
  resumeTooOld: 'invalid-session',
  resumeMismatch: 'invalid-session',
  takenOver: 4000,
  startLimitExhausted: 'invalid-session',
  presenceExcess: 'drop',
  userIntents: 'reject',
  memberListScope: 'bot',
  botPrefix: 'everywhere',
  etfSnowflakes: 'integer',
  etfKeys: 'atom',
}

/** The values that each switch takes. */
export const switchValues: { readonly [Name in keyof Switches]: readonly Switches[Name][] } = {
  badVersion: ['close-4012', 'http-400'],
  badQuery: ['http-400', 'ignore'],
  unknownOpcode: [4001, 4002],
  malformedCommand: ['close-4001', 'invalid-session'],
  missedHeartbeat: [4000, 1000, 1001, 4009],
  afterInvalidSession: ['keep-open', 'close-4000'],
  resumeTooOld: ['invalid-session', 'close-4007'],
  resumeMismatch: ['invalid-session', 'accept'],
  takenOver: [4000, 4006],
  startLimitExhausted: ['invalid-session', 'reset-token', 'ignore'],
  presenceExcess: ['drop', 'close-4008'],
  userIntents: ['reject', 'accept'],
  memberListScope: ['bot', 'session'],
  botPrefix: ['everywhere', 'identify', 'nowhere'],
  etfSnowflakes: ['integer', 'string'],
  etfKeys: ['atom', 'binary'],
}
