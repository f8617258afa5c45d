/** Control characters, line and paragraph separators, and runs of white space. */
const breaks = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu
/** Marks, embeddings, overrides and isolates of the writing direction: they would reorder the rest of the line. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** A foreign text on one line and without power over the reader's terminal: no escape sequence survives. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(directions, '').replace(breaks, ' ').trim()
}
