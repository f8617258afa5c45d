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

/** Takes an error apart; of what is no error it keeps the text. */
export function packError(error: unknown): TransferredError {
  if (!(error instanceof Error)) {
    return {
      name: 'Error',
      code: undefined,
      message: String(error),
      stack: undefined,
      context: {},
      cause: undefined,
    }
  }
  const own = GatewayError.isGatewayError(error) ? error : undefined
  return {
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

/** As `unpackError`, for what the other thread sent as one of ours. */
export function unpackGatewayError(packed: TransferredError): GatewayError {
  const error = unpackError(packed)
  return GatewayError.isGatewayError(error)
    ? error
    : new GatewayError('THREAD_CRASHED', error.message, { cause: error })
}

/** As `unpackError`, for the reason why a shard stopped. */
export function unpackClosedError(packed: TransferredError): ClosedError {
  const error = unpackError(packed)
  return error instanceof ClosedError
    ? error
    : new ClosedError('THREAD_CRASHED', error.message, { cause: error })
}

function create({ name, code, message }: TransferredError, options: Options): Error {
  if (code === undefined) return Object.assign(new Error(message, { cause: options.cause }), { name })
  if (name === 'FatalCloseError')
    return new FatalCloseError(Number(options.context?.['closeCode']), message, options)
  const Class = name in classes ? classes[name as keyof typeof classes] : GatewayError
  return new Class(code, message, options)
}
