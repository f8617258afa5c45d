import { GatewayError } from 'twilight-gateway'

/** What a person needs to know of an error: no stack, and of foreign ones the reason below it. */
export function describeError(error: unknown): string {
  if (GatewayError.isGatewayError(error)) return `${error.message} [${error.code}]`
  if (!(error instanceof Error)) return String(error)
  const code: unknown = Reflect.get(error, 'code')
  if (code === 'EADDRINUSE') return `the port is taken: choose another with --port (${error.message})`
  return error.message
}
