/** First byte of every term (Erlang documentation, *External Term Format*). */
export const termVersion = 131

/** The tags of the terms that a gateway payload is made of; all else that Erlang has (pids, funs, …) is refused. */
export const Tag = {
  Float: 70,
  Compressed: 80,
  SmallInteger: 97,
  Integer: 98,
  Atom: 100,
  SmallTuple: 104,
  LargeTuple: 105,
  Nil: 106,
  String: 107,
  List: 108,
  Binary: 109,
  SmallBig: 110,
  LargeBig: 111,
  SmallAtom: 115,
  Map: 116,
  AtomUtf8: 118,
  SmallAtomUtf8: 119,
} as const

/** Two bytes as an unsigned number; bytes that are not there count as 0. */
export function uint16(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

/** Four bytes as an unsigned number; bytes that are not there count as 0. */
export function uint32(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) * 0x1_00_00_00 + (((bytes[at + 1] ?? 0) << 16) | uint16(bytes, at + 2))
}
