/**
 * Every error of the library. One base with a stable `code`; subclasses only by who must act.
 * Messages are lower case and say what happened, the value seen and what to do; never the token.
 */

/** Every error code with its meaning. Codes are append-only; `docs/errors.md` lists exactly these. */
export const errorCodes = {
  CONFIG_INVALID: 'an option has a value that is not allowed',
  CONNECT_FAILED: 'the socket could not be opened: DNS or TCP failed',
  CONNECT_TLS: "TLS failed: the server's certificate is not trusted, or the two have no version in common",
  CONNECT_REFUSED: 'the server answered the websocket upgrade with an HTTP status',
  HTTP_FAILED: 'an HTTP request to the API failed or answered with an unexpected status',
  HTTP_UNAUTHORIZED: 'the API answered 401: the token is not valid',
  TIMEOUT_CONNECT: 'TCP, TLS and the websocket upgrade took longer than the connect deadline',
  TIMEOUT_HELLO: 'the gateway opened the socket but sent no HELLO before the deadline',
  TIMEOUT_READY: 'the gateway did not answer IDENTIFY with READY before the deadline',
  TIMEOUT_RESUMED: 'the gateway sent nothing for the length of the deadline while a resume was under way',
  TIMEOUT_REPLY: 'the gateway did not answer a request before the deadline',
  TIMEOUT_HEARTBEAT: 'the gateway neither acknowledged heartbeats nor sent anything else',
  CLOSED_FATAL: 'the gateway closed the connection with a code after which reconnecting is forbidden',
  CLOSED_LOCALLY: 'the shard or cluster was stopped by its owner',
  DECODE_INFLATE: 'compressed bytes could not be inflated',
  DECODE_OVERSIZE: 'a message or its inflated payload is larger than the limit',
  DECODE_PAYLOAD: 'a payload is not the envelope that the gateway sends',
  DECODE_DATA: "an event's data is not valid JSON or ETF",
  COMMAND_INVALID: 'a command is not an object with a known opcode that users may send',
  COMMAND_TOO_LARGE: 'a command is larger than the 4096 bytes that the gateway accepts',
  COMMAND_QUEUE_FULL: 'too many commands wait to be sent',
  REQUEST_RATE_LIMITED: 'the gateway refused a request for now; retryAfterMs says for how long',
  COMMAND_SUPERSEDED: 'a newer presence replaced this one before it was sent',
  THREAD_CRASHED: 'a worker thread ended unexpectedly, or again and again',
  RESHARD_FAILED: 'the new shards could not take over; the old ones go on',
  SHARD_UNKNOWN: 'the cluster has no shard of this id',
  SHARD_STATE: 'the call does not fit the state: started twice, or iterated twice at once',
  QUEUE_FAILED: 'the identify queue could not be reached, or did not answer as an identify queue does',
  STORE_FAILED: 'the session store could not be read or written',
  STORE_CORRUPT: 'a session file could not be understood and was set aside',
  STORE_CONFLICT: 'somebody else wrote the session file since this process did',
  TIMEOUT_STORE: 'the session store did not answer before the deadline',
  ABORTED: 'the caller aborted the wait through its AbortSignal',
} as const

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes

/** What an error carries beside its message. */
export interface GatewayErrorOptions {
  /** The error underneath, if any. */
  readonly cause?: unknown
  /** Facts for programs: option names, sizes, limits, shard ids. Never the token. */
  readonly context?: Readonly<Record<string, unknown>>
}

const brand = Symbol.for('twilight-gateway.GatewayError')

/** The base of every error of this library; switch over `code`. */
export class GatewayError extends Error {
  override readonly name: string = 'GatewayError'
  /** The stable code; see `docs/errors.md`. */
  readonly code: ErrorCode
  /** Facts for programs. */
  readonly context: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.context = options.context ?? {}
    Object.defineProperty(this, brand, { value: true })
  }

  /** What a log in JSON shows; an error has no enumerable message of its own. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, context } = this
    return { name, code, message, context }
  }

  /** Whether a value is a `GatewayError`, also of a second copy of this library in the same process. */
  static isGatewayError(value: unknown): value is GatewayError {
    return typeof value === 'object' && value !== null && brand in value
  }
}

/** A call or an option is wrong: the caller must change it. */
export class ConfigError extends GatewayError {
  override readonly name = 'ConfigError'

  /** Names the option, the value seen and what is allowed. */
  static option(option: string, seen: unknown, allowed: string): ConfigError {
    return new ConfigError('CONFIG_INVALID', `option ${option} must be ${allowed}, got ${describe(seen)}`, {
      context: { option, allowed },
    })
  }
}

/** A connection could not be made; the shard retries by itself. */
export class ConnectError extends GatewayError {
  override readonly name = 'ConnectError'
}

/** A deadline passed; the shard retries by itself. */
export class TimeoutError extends GatewayError {
  override readonly name = 'TimeoutError'
}

/** The peer sent something that cannot be decoded; the shard drops the socket and resumes. */
export class DecodeError extends GatewayError {
  override readonly name = 'DecodeError'
}

/** A command was not accepted; the caller must change it or wait. */
export class CommandError extends GatewayError {
  override readonly name = 'CommandError'
}

/** The shard or cluster was stopped. */
export class ClosedError extends GatewayError {
  override readonly name: string = 'ClosedError'
}

/** The gateway forbids reconnecting: the operator must act (token, intents, shard count). */
export class FatalCloseError extends ClosedError {
  override readonly name = 'FatalCloseError'
  /** The websocket close code, e.g. 4004. */
  readonly closeCode: number

  constructor(closeCode: number, message: string, options: GatewayErrorOptions = {}) {
    super('CLOSED_FATAL', message, { ...options, context: { ...options.context, closeCode } })
    this.closeCode = closeCode
  }
}

/** Three parts of base64url behind one another, as bot tokens are: somebody may have mixed up two options. */
const tokenShape = /[\w-]{18,}\.[\w-]{4,}\.[\w-]{20,}/

/** A short rendering of a wrong value for an error message. */
function describe(value: unknown): string {
  if (typeof value === 'string' && tokenShape.test(value)) return 'what looks like a token'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
