import { allIntents, Intents } from 'twilight-gateway'

/** Bits of comma-separated intent names (any case, with or without underscores), of `all`, or of a number. */
export function parseIntents(text: string): number | { readonly problem: string } {
  if (/^\d+$/.test(text)) return Number(text)
  let bits = 0
  for (const word of text.split(',')) {
    const wanted = normal(word)
    const found = wanted === 'all' ? allIntents : bitOf(wanted)
    if (found === undefined) {
      return {
        problem: `There is no intent '${word.trim()}'. There are: ${Object.keys(Intents).join(', ')}, all.`,
      }
    }
    bits |= found
  }
  return bits
}

function bitOf(wanted: string): number | undefined {
  return Object.entries(Intents).find(([name]) => normal(name) === wanted)?.[1]
}

function normal(name: string): string {
  return name.replaceAll('_', '').trim().toLowerCase()
}
