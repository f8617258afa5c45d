import { styleText } from 'node:util'

/** A name of `styleText`'s, or several. */
export type Style = Parameters<typeof styleText>[0]

/** Colours a text if standard output is a terminal that shows colours, and the environment does not forbid it (`NO_COLOR`). */
export function paint(style: Style | undefined, text: string): string {
  return style === undefined ? text : styleText(style, text)
}
