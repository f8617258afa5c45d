import { createRequire } from 'node:module'

/** What is used here of `erlang_js`, somebody else's reading of the format; it has no types of its own. */
interface ErlangJs {
  readonly OtpErlangAtom: new (
    name: string,
    isUtf8?: boolean,
  ) => { readonly value: string; readonly utf8: boolean }
  readonly OtpErlangBinary: new (bytes: Buffer) => { readonly value: Buffer }
  readonly OtpErlangList: new (items: readonly unknown[]) => { readonly value: readonly unknown[] }
  readonly OtpErlangMap: new (entries: ReadonlyMap<unknown, unknown>) => {
    readonly value: ReadonlyMap<unknown, unknown>
  }
  binary_to_term(bytes: Buffer, done: (error: unknown, term: unknown) => void): void
  term_to_binary(term: unknown, done: (error: unknown, bytes: Buffer) => void): void
}

const { Erlang } = createRequire(import.meta.url)('erlang_js') as { readonly Erlang: ErlangJs }
const { OtpErlangAtom, OtpErlangBinary, OtpErlangList, OtpErlangMap } = Erlang

/** The value of a term: keys must be binaries, and atoms only null and booleans, as Discord asks of clients. */
export function read(bytes: Buffer): unknown {
  return fromTerm(called((done) => Erlang.binary_to_term(bytes, done)))
}

/** The term of a value, as Erlang programs have it: keys are atoms where they can be, or all binaries. */
export function write(value: unknown, keys: 'atoms' | 'latin1-atoms' | 'binaries'): Buffer {
  return called((done) => Erlang.term_to_binary(toTerm(value, keys), done))
}

function called<Result>(call: (done: (error: unknown, result: Result) => void) => void): Result {
  let outcome: { readonly error: unknown; readonly result: Result } | undefined
  call((error, result) => (outcome = { error, result }))
  if (outcome === undefined) throw new Error('erlang_js did not answer at once')
  if (outcome.error !== undefined) throw outcome.error
  return outcome.result
}

function fromTerm(term: unknown): unknown {
  if (typeof term === 'number') return term
  if (term instanceof OtpErlangBinary) return term.value.toString()
  if (term instanceof OtpErlangList) return term.value.map(fromTerm)
  if (term instanceof OtpErlangMap) {
    return Object.fromEntries(Array.from(term.value, ([key, value]) => [fromKey(key), fromTerm(value)]))
  }
  if (term === true || term === false) return term
  if (term instanceof OtpErlangAtom) {
    if (term.value === 'nil') return null
    if (term.value === 'true' || term.value === 'false') return term.value === 'true'
  }
  throw new Error(`a term that no client may send: ${String(term)}`)
}

function fromKey(key: unknown): string {
  if (key instanceof OtpErlangBinary) return key.value.toString()
  throw new Error(`a key that no client may send: ${String(key)}`)
}

function toTerm(value: unknown, keys: 'atoms' | 'latin1-atoms' | 'binaries'): unknown {
  if (value === null) return new OtpErlangAtom('nil')
  if (typeof value === 'string') return new OtpErlangBinary(Buffer.from(value))
  if (Array.isArray(value)) return new OtpErlangList(value.map((item) => toTerm(item, keys)))
  if (typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, item]): [unknown, unknown] => {
    const isAtom = keys !== 'binaries' && /^\w{1,255}$/.test(key)
    const name = isAtom ? new OtpErlangAtom(key, keys === 'atoms') : new OtpErlangBinary(Buffer.from(key))
    return [name, toTerm(item, keys)]
  })
  return new OtpErlangMap(new Map(entries))
}
