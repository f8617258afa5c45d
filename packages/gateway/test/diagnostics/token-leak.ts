/** Consecutive characters of the token that no output may hold: fewer occur by chance. */
const shortest = 12

/** The forms in which a token, or a part of it, occurs in a text. Empty if it does not. */
export function leaksOf(text: string, token: string): string[] {
  const bytes = Buffer.from(token)
  const decimals = [...bytes].join(',')
  const forms: Readonly<Record<string, readonly string[]>> = {
    plain: pieces(token),
    reversed: pieces(token.split('').toReversed().join('')),
    base64: shifted(bytes, 'base64'),
    base64url: shifted(bytes, 'base64url'),
    hex: [bytes.toString('hex')],
    'hex bytes, as util.inspect shows them': pieces(
      bytes.toString('hex').replaceAll(/..(?!$)/g, '$& '),
      3 * shortest,
    ),
    'decimal bytes, as JSON shows them': [decimals, decimals.replaceAll(',', ', ')],
    'JSON escapes': [
      token
        .split('')
        .map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
    ],
    'percent encoding': [encodeURIComponent(token)],
    'UTF-16 in base64': shifted(Buffer.from(token, 'utf16le'), 'base64'),
  }
  const folded = text.toLowerCase()
  return Object.keys(forms).filter((form) =>
    forms[form]?.some((needle) =>
      form.includes('hex') || form === 'JSON escapes'
        ? folded.includes(needle.toLowerCase())
        : text.includes(needle),
    ),
  )
}

/** Every part of a text of the length that is too much. */
function pieces(text: string, length = shortest): string[] {
  return Array.from({ length: Math.max(1, text.length - length + 1) }, (_, at) => text.slice(at, at + length))
}

/** Base64 depends on what stands before: all three ways, without the ends that neighbours change. */
function shifted(bytes: Buffer, encoding: 'base64' | 'base64url'): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString(encoding)
      .replace(/=+$/, '')
    return text.slice(before === 0 ? 0 : 4, -3)
  })
}
