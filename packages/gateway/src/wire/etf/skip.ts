import { malformed } from '../malformed.ts'
import { Tag, uint16, uint32 } from './terms.ts'

/**
 * The offset behind the term that begins at `at`. Nothing is decoded, however deep the term: only tags and lengths are
 * read.
 * @throws DecodeError DECODE_PAYLOAD
 */
export function skipTerm(bytes: Buffer, at: number): number {
  const { length } = bytes
  let next = at
  let pending = 1
  while (pending > 0) {
    // Each term has at least one byte, so a count that cannot be true is found here and not at the end.
    if (pending > length - next) throw malformed('a term without an end', bytes, at)
    pending -= 1
    switch (bytes[next]) {
      case Tag.SmallInteger:
        next += 2
        break
      case Tag.Integer:
        next += 5
        break
      case Tag.Float:
        next += 9
        break
      case Tag.Binary:
        next += 5 + uint32(bytes, next + 1)
        break
      case Tag.Atom:
      case Tag.AtomUtf8:
      case Tag.String:
        next += 3 + uint16(bytes, next + 1)
        break
      case Tag.SmallAtom:
      case Tag.SmallAtomUtf8:
        next += 2 + (bytes[next + 1] ?? 0)
        break
      case Tag.SmallBig:
        next += 3 + (bytes[next + 1] ?? 0)
        break
      case Tag.LargeBig:
        next += 6 + uint32(bytes, next + 1)
        break
      case Tag.Nil:
        next += 1
        break
      case Tag.Map:
        pending += 2 * uint32(bytes, next + 1)
        next += 5
        break
      case Tag.List:
        pending += uint32(bytes, next + 1) + 1
        next += 5
        break
      case Tag.SmallTuple:
        pending += bytes[next + 1] ?? 0
        next += 2
        break
      case Tag.LargeTuple:
        pending += uint32(bytes, next + 1)
        next += 5
        break
      default:
        throw malformed(`tag ${bytes[next]} is not one of JSON's kinds`, bytes, next)
    }
  }
  if (next > length) throw malformed('a term without an end', bytes, at)
  return next
}
