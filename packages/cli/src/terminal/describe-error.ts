import { GatewayError } from 'twilight-gateway'

import { plainText } from './plain-text.ts'

/** The library speaks of its options; here they are set in other ways. */
const optionWords: readonly (readonly [RegExp, string])[] = [
  [/\boption token\b/, 'DISCORD_TOKEN'],
  [/\b(option )?apiUrl\b/, '--api'],
  [/\b(option )?gatewayUrl\b/, '--gateway'],
]

/** What to do about errors of listening that Node describes in its own terms. */
const listenAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken: choose another with --port, or --port 0 for any free one',
  EACCES: 'may not be used without privileges: choose one above 1023 with --port',
  EADDRNOTAVAIL: 'cannot be used: --host must be an address of this machine',
}

/** What a person needs to know of an error, on one line: no stack, no control character that a server has sent. */
export function describeError(error: unknown): string {
  if (GatewayError.isGatewayError(error)) return `${gatewayErrorText(error)} [${error.code}]`
  if (!(error instanceof Error)) return plainText(String(error))
  const advice = listenAdvice[String(Reflect.get(error, 'code'))]
  if (advice === undefined || Reflect.get(error, 'syscall') !== 'listen') return plainText(error.message)
  return `port ${Reflect.get(error, 'port')} of ${Reflect.get(error, 'address')} ${advice}`
}

function gatewayErrorText({ message }: GatewayError): string {
  return optionWords.reduce((text, [name, word]) => text.replace(name, word), plainText(message))
}
