/**
 * The member of a string enum that has this value; the compiler checks that there is one. discord-api-types offers
 * its enums at run time, but a gateway that only sends text needs no dependency for that.
 */
export function enumValue<T extends string>(value: `${T}`): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a string enum has no other way in
  return value as T
}
