import { eventNamePattern, isObject } from '../json.ts'
import { ControlError } from './control-error.ts'

/** One field of a request's body. */
export interface Field<Value> {
  /** In words, for messages and for the list of calls. */
  readonly expected: string
  readonly fits: (value: unknown) => value is Value
}

/** The fields of a body, by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>

/** The values of fields. */
export type Values<Of extends Fields> = {
  readonly [Name in keyof Of]: Of[Name] extends Field<infer Value> ? Value : never
}

/** An integer of a range. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Field<number> {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `an integer from ${min}` : `an integer from ${min} to ${max}`
  const fits = (value: unknown): value is number =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
  return { expected, fits }
}

/** A number above 0, Infinity included where a query names it. */
export const positive: Field<number> = {
  expected: 'a number above 0',
  fits: (value): value is number => typeof value === 'number' && value > 0,
}

/** A number from 0, whole or not. */
export const amount: Field<number> = {
  expected: 'a number from 0',
  fits: (value): value is number => typeof value === 'number' && value >= 0,
}

export const text: Field<string> = { expected: 'a string', fits: (value) => typeof value === 'string' }

export const flag: Field<boolean> = {
  expected: 'true or false',
  fits: (value) => typeof value === 'boolean',
}

/** The name of an event, such as MESSAGE_CREATE. */
export const eventName: Field<string> = {
  expected: "an event's name",
  fits: (value): value is string => typeof value === 'string' && eventNamePattern.test(value),
}

/** Any JSON. */
export const json: Field<unknown> = {
  expected: 'any JSON',
  fits: (value): value is unknown => value !== undefined,
}

/** One of some strings. */
export function choice<const Value extends string>(...values: readonly Value[]): Field<Value> {
  return {
    expected: `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`,
    fits: (value): value is Value => values.some((each) => each === value),
  }
}

/** A field that may be null. */
export function nullable<Value>({ expected, fits }: Field<Value>): Field<Value | null> {
  return { expected: `${expected}, or null`, fits: (value) => value === null || fits(value) }
}

/** A field that may be left out. */
export function optional<Value>({ expected, fits }: Field<Value>): Field<Value | undefined> {
  return { expected: `${expected}, or nothing`, fits: (value) => value === undefined || fits(value) }
}

/** The values of a body. @throws ControlError 400 that names the first field that is wrong. */
export function readFields<Of extends Fields>(fields: Of, body: unknown): Values<Of> {
  if (!isObject(body)) throw new ControlError(400, `the body is ${show(body)}, expected a JSON object`)
  const names = Object.keys(fields)
  const strange = Object.keys(body).find((name) => !names.includes(name))
  if (strange !== undefined) {
    const known = names.length === 0 ? 'no fields are expected' : `expected ${names.join(', ')}`
    throw new ControlError(400, `field ${JSON.stringify(strange)} is unknown, ${known}`, describe(fields))
  }
  for (const [name, { expected, fits }] of Object.entries(fields)) {
    const value = body[name]
    if (fits(value)) continue
    const seen = value === undefined ? 'missing' : show(value)
    throw new ControlError(400, `field ${name} is ${seen}, expected ${expected}`, describe(fields))
  }
  // Each field has been held against its type.
  return body as Values<Of>
}

/** What the fields expect, by name. */
export function describe(fields: Fields): { readonly fields: Readonly<Record<string, string>> } {
  return {
    fields: Object.fromEntries(Object.entries(fields).map(([name, { expected }]) => [name, expected])),
  }
}

function show(value: unknown): string {
  const shown = JSON.stringify(value)
  return shown.length <= 60 ? shown : `${shown.slice(0, 60)}…`
}
