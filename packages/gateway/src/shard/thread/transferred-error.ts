import { threadId } from 'node:worker_threads'

import {
  ClosedError,
  CommandError,
  ConfigError,
  ConnectError,
  DecodeError,
  FatalCloseError,
  GatewayError,
  TimeoutError,
  type ErrorCode,
} from '../../errors.ts'

/** An error as it crosses from one thread to another, where a clone would lose its class and its code. */
export interface TransferredError {
  /** The same for the same error, another for every other one. */
  readonly number: number
  readonly name: string
  readonly code: ErrorCode | undefined
  readonly message: string
  readonly stack: string | undefined
  readonly context: Readonly<Record<string, unknown>>
  readonly cause: TransferredError | undefined
}

type Options = NonNullable<ConstructorParameters<typeof GatewayError>[2]>

const classes = {
  ClosedError,
  CommandError,
  ConfigError,
  ConnectError,
  DecodeError,
  TimeoutError,
  GatewayError,
}

const numbers = new WeakMap<Error, number>()
/** Threads count apart, each from a number of its own. */
let lastNumber = threadId * 2 ** 32

/** Takes an error apart; of what is no error it keeps the text. */
export function packError(error: unknown): TransferredError {
  if (!(error instanceof Error)) {
    return {
      number: (lastNumber += 1),
      name: 'Error',
      code: undefined,
      message: String(error),
      stack: undefined,
      context: {},
      cause: undefined,
    }
  }
  const own = GatewayError.isGatewayError(error) ? error : undefined
  const number = numbers.get(error) ?? (lastNumber += 1)
  numbers.set(error, number)
  return {
    number,
    name: error.name,
    code: own?.code,
    message: error.message,
    stack: error.stack,
    context: own ? { ...own.context } : {},
    cause: error.cause === undefined ? undefined : packError(error.cause),
  }
}

/** Puts an error together again, of the class that it had. */
export function unpackError(packed: TransferredError): Error {
  const cause = packed.cause === undefined ? undefined : unpackError(packed.cause)
  const error = create(packed, { context: packed.context, ...(cause ? { cause } : {}) })
  if (packed.stack !== undefined) error.stack = packed.stack
  return error
}

/** Puts together the errors of one shard: one that comes several times in a row is one object, as it was. */
export class ErrorUnpacker {
  #last: { readonly number: number; readonly error: Error } | undefined

  /** As `unpackError`. */
  error(packed: TransferredError): Error {
    const { number } = packed
    if (this.#last?.number !== number) this.#last = { number, error: unpackError(packed) }
    return this.#last.error
  }

  /** What the other thread sent as one of ours. */
  gatewayError(packed: TransferredError): GatewayError {
    const error = this.error(packed)
    return GatewayError.isGatewayError(error)
      ? error
      : new GatewayError('THREAD_CRASHED', error.message, { cause: error })
  }

  /** The reason why a shard stopped. */
  closedError(packed: TransferredError): ClosedError {
    const error = this.error(packed)
    return error instanceof ClosedError
      ? error
      : new ClosedError('THREAD_CRASHED', error.message, { cause: error })
  }
}

function create({ name, code, message }: TransferredError, options: Options): Error {
  if (code === undefined) return Object.assign(new Error(message, { cause: options.cause }), { name })
  if (name === 'FatalCloseError')
    return new FatalCloseError(Number(options.context?.['closeCode']), message, options)
  const Class = name in classes ? classes[name as keyof typeof classes] : GatewayError
  return new Class(code, message, options)
}
