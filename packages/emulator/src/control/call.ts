import { readFields } from './field.ts'
import type { Fields, Values } from './field.ts'

/** A method that can be called over HTTP: the fields of its body, and what it does. */
export interface Call<Target> {
  readonly fields: Fields
  /** @throws ControlError 400 for a body that does not fit. */
  readonly run: (target: Target, body: unknown) => unknown
}

/** Ties the fields to the types of what is run with their values. */
export function call<Target, Of extends Fields>(
  fields: Of,
  run: (target: Target, values: Values<Of>) => unknown,
): Call<Target> {
  return { fields, run: (target, body) => run(target, readFields(fields, body)) }
}
