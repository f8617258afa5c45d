import fc from 'fast-check'
import { expect, test } from 'vitest'

import { dispatchNames } from '../../src/protocol/event-names.ts'
import { emptyHash, InternedNames, nextHash } from '../../src/wire/interned-names.ts'

/** The name of a text that lies somewhere within other bytes. */
function lookUp(names: InternedNames, text: string): string {
  const source = Buffer.from(`"${text}"`)
  let hash = emptyHash
  for (const byte of source.subarray(1, -1)) hash = nextHash(hash, byte)
  const index = names.indexOf(source, 1, source.length - 1, hash)
  return names.names[index] ?? source.toString('utf8', 1, source.length - 1)
}

test('every documented dispatch is found, and every near miss is itself', () => {
  const names = new InternedNames(dispatchNames)
  for (const name of dispatchNames) {
    const near = [name, `${name}_`, `_${name}`, name.slice(1), name.slice(0, -1), name.toLowerCase()]
    expect(near.map((text) => lookUp(names, text))).toEqual(near)
  }
})

test('whatever is known, every text is found as itself', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[ab]{0,4}$/))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), fc.array(text), (known, others) => {
      const names = new InternedNames(known)
      // A lone surrogate has no bytes of its own.
      const texts = [...known, ...others].map((each) => each.toWellFormed())
      expect(texts.map((each) => lookUp(names, each))).toEqual(texts)
    }),
    { numRuns: 500 },
  )
})

test('names with the same hash are told apart', () => {
  // 31 × 'A' + 'a' = 31 × 'B' + 'B': each pair doubles the names of one hash.
  const same = ['Aa', 'BB'].flatMap((a) => ['Aa', 'BB'].flatMap((b) => ['Aa', 'BB'].map((c) => a + b + c)))
  expect(new Set(same)).toHaveLength(8)
  const hashes = same.map((text) => Buffer.from(text).reduce(nextHash, emptyHash))
  expect(new Set(hashes)).toHaveLength(1)
  const names = new InternedNames(same.slice(0, 4))
  expect(same.map((text) => lookUp(names, text))).toEqual(same)
})

test('nothing known, and names twice', () => {
  expect(lookUp(new InternedNames([]), 'READY')).toBe('READY')
  expect(lookUp(new InternedNames(['READY', 'READY', '']), 'READY')).toBe('READY')
  expect(lookUp(new InternedNames(['']), '')).toBe('')
})
