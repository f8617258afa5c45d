import { ConfigError } from './errors.ts'

/** What stands in a text where the token stood. */
const redacted = '<redacted>'

/**
 * Checks that a token looks like one, before it reaches anything whose errors would show it.
 * @throws ConfigError CONFIG_INVALID, without the value seen
 */
export function checkToken(token: unknown): void {
  if (typeof token === 'string' && /^(Bot )?[\w.~+/=-]+$/.test(token)) return
  // Not through ConfigError.option: it shows the value seen.
  const seen =
    typeof token !== 'string' ? typeof token : token === '' ? 'an empty string' : 'other characters'
  throw new ConfigError(
    'CONFIG_INVALID',
    `option token must be the bot token from the developer portal (letters, digits, dots), got ${seen}`,
    { context: { option: 'token' } },
  )
}

/** The token without its `Bot ` prefix. */
export function bareToken(token: string): string {
  return token.replace(/^Bot /, '')
}

/** A text with every occurrence of the token struck out: what others say may repeat what they were sent. */
export function withoutToken(text: string, token: string): string {
  return text.replaceAll(bareToken(token), redacted)
}
