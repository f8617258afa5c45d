import { readFields } from './field.ts'
import type { Fields, Values } from './field.ts'

/** The values of a query, numbers where it has digits. @throws ControlError 400 that names what is wrong. */
export function readQuery<Of extends Fields>(fields: Of, query: URLSearchParams): Values<Of> {
  return readFields(fields, Object.fromEntries(Array.from(query, ([key, text]) => [key, valueOf(text)])))
}

function valueOf(text: string): number | string {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isNaN(value) ? text : value
}
