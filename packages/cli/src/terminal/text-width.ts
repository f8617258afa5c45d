const printableAscii = /^[\x20-\x7e]*$/
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u
/** Emoji, and what East Asian typography sets in a full square (Unicode Standard Annex 11, *Wide* and *Fullwidth*). */
const wide =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]$/u
/** Asks for the emoji form of the character before it, which is wide. */
const emojiSelector = '\ufe0f'

/**
 * Columns that a terminal needs for a text without control characters. Terminals disagree about joined emoji; this is
 * the width in those that show them side by side, so a text never takes more room than it says.
 */
export function textWidth(text: string): number {
  if (printableAscii.test(text)) return text.length
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** The text, or as much of its beginning as fits into so many columns, with an ellipsis. */
export function truncate(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  if (columns < 1) return ''
  let width = 1
  let end = 0
  for (const character of text) {
    width += characterWidth(character)
    if (width > columns) break
    end += character.length
  }
  return `${text.slice(0, end)}…`
}

function characterWidth(character: string): number {
  if (character === emojiSelector) return 1
  if (zeroWidth.test(character)) return 0
  return wide.test(character) ? 2 : 1
}
