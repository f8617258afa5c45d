import fc from 'fast-check'
import { expect, test } from 'vitest'

import { DecodeError } from '../../src/errors.ts'
import { splitDocuments } from '../../src/wire/documents.ts'

test('documents behind each other are cut where they end', () => {
  // Numbers and words need space between them; everything else does not.
  const document = fc
    .oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()), fc.string())
    .map((value) => JSON.stringify(value))
  const space = fc.stringMatching(/^[ \n\r\t]{0,3}$/)
  fc.assert(
    fc.property(space, fc.array(fc.tuple(document, space), { minLength: 1 }), (before, parts) => {
      const bytes = Buffer.from(before + parts.flat().join(''))
      expect(splitDocuments(bytes).map(String)).toEqual(parts.map(([text]) => text))
    }),
    { numRuns: 1_000 },
  )
})

test('words and numbers are documents too', () => {
  expect(splitDocuments(Buffer.from('1 null true -2.5e3')).map(String)).toEqual([
    '1',
    'null',
    'true',
    '-2.5e3',
  ])
})

test('they are views of the bytes, not copies', () => {
  const bytes = Buffer.from('{"op":10} {"op":11}')
  const [first, second] = splitDocuments(bytes)
  expect(first?.buffer).toBe(bytes.buffer)
  expect(second?.byteOffset).toBe(bytes.byteOffset + 10)
})

test.each([
  ['nothing', ''],
  ['space', ' \n'],
  ['a document that is cut', '{"op":10}{"op":'],
  ['a comma between', '{"op":10},{"op":11}'],
  ['junk behind', '{"op":10}x'],
  ['junk before', 'x{"op":10}'],
  ['a closing brace too many', '{"op":10}}'],
])('%s is a DecodeError', (_, text) => {
  expect(() => splitDocuments(Buffer.from(text))).toThrow(DecodeError)
})
