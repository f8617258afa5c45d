import type { Emulator } from '../src/index.ts'

export interface Answer {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads whatever the answer holds
  readonly body: any
}

/** Asks an emulator's control as another process would: over HTTP. */
export async function ask(
  { controlUrl }: Pick<Emulator, 'controlUrl'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(`${controlUrl}${path}`, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}
