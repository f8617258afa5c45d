import { skipSpace, skipValue } from './json-walk.ts'
import { malformed } from './malformed.ts'

/**
 * Cuts bytes that may hold several JSON documents, one behind the other, into the bytes of each. They are views.
 * @throws DecodeError DECODE_PAYLOAD
 */
export function splitDocuments(bytes: Buffer): Buffer[] {
  const documents: Buffer[] = []
  let at = skipSpace(bytes, 0)
  if (at === bytes.length) throw malformed('it is empty', bytes, at)
  while (at < bytes.length) {
    const end = skipValue(bytes, at)
    documents.push(bytes.subarray(at, end))
    at = skipSpace(bytes, end)
  }
  return documents
}
