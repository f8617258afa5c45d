import fc from 'fast-check'

/** Text that compresses badly (a wide alphabet) or well, of so many bytes. */
export function filler(bytes: number, alphabet: number, seed: number): string {
  let state = seed
  const codes = Buffer.allocUnsafe(bytes)
  for (let at = 0; at < bytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    codes[at] = 0x30 + ((state >>> 24) % alphabet)
  }
  return codes.toString('latin1').replaceAll('\\', '/')
}

/** A small JSON document. */
export const small = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value))
/** A document around or above the decoders' buffers of 64 and 128 KiB. */
export const large = fc
  .tuple(fc.integer({ min: 50_000, max: 400_000 }), fc.constantFrom(2, 16, 64), fc.nat())
  .map((shape) => JSON.stringify({ filler: filler(...shape) }))
/** Some documents, few of them large. */
export const payloads = fc.array(
  fc.oneof({ weight: 40, arbitrary: small }, { weight: 1, arbitrary: large }),
  {
    minLength: 1,
    maxLength: 12,
  },
)
/** Where to cut. */
export const places = fc.array(fc.nat(), { maxLength: 24 })
/** A megabyte. */
export const big = JSON.stringify({ filler: filler(1_000_000, 64, 7) })
