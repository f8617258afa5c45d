import { inspect } from 'node:util'

/** @throws RangeError that names the option, the value seen and what is allowed. */
export function fail(name: string, value: unknown, allowed: string): never {
  const seen = inspect(value, { breakLength: Infinity, maxStringLength: 60, maxArrayLength: 5, depth: 1 })
  throw new RangeError(`twilight-emulator: option ${name} is ${seen}, expected ${allowed}`)
}

/** An integer from 0. */
export function count(name: string, value: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return value
  return fail(
    name,
    value,
    max === Number.MAX_SAFE_INTEGER ? 'an integer from 0' : `an integer from 0 to ${max}`,
  )
}

/** An integer from 1. */
export function positive(name: string, value: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value
  return fail(
    name,
    value,
    max === Number.MAX_SAFE_INTEGER ? 'a positive integer' : `an integer from 1 to ${max}`,
  )
}

/** A number, whole or not. */
export function within(name: string, value: number, min: number, max: number = Infinity): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max) return value
  return fail(name, value, max === Infinity ? `a number from ${min}` : `a number from ${min} to ${max}`)
}

/** A range of milliseconds. */
export function range(
  name: string,
  value: readonly [min: number, max: number],
): readonly [min: number, max: number] {
  const [min, max] = Array.isArray(value) && value.length === 2 ? value : [NaN, NaN]
  if (Number.isFinite(min) && Number.isFinite(max) && min >= 0 && min <= max) return value
  return fail(name, value, '[min, max] in milliseconds')
}

/** A set of bits. */
export function bits(name: string, value: number): number {
  return count(name, value, 2 ** 31 - 1)
}

/** True or false. */
export function flag(name: string, value: boolean): boolean {
  return typeof value === 'boolean' ? value : fail(name, value, 'true or false')
}

/** One of some values. */
export function oneOf<Value>(name: string, value: Value, values: readonly Value[]): Value {
  if (values.includes(value)) return value
  return fail(name, value, `one of ${values.map((each) => inspect(each)).join(', ')}`)
}
