/** A JSON object of unknown shape. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a parsed value is an object, and not an array or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The shape of a snowflake. */
export const snowflakePattern = /^\d{1,20}$/

/** The shape of an event's name; it is written into payloads as it is. */
export const eventNamePattern = /^\w{1,100}$/

/** Whether a value has the shape of a snowflake: a decimal string. */
export function isSnowflake(value: unknown): value is string {
  return typeof value === 'string' && snowflakePattern.test(value)
}

/** `object[key]` if it is a string. */
export function stringField(object: unknown, key: string): string | undefined {
  const value = isObject(object) ? object[key] : undefined
  return typeof value === 'string' ? value : undefined
}
