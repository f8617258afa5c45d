import { DecodeError } from '../errors.ts'
import type { PayloadCodec } from '../wire/codec.ts'

/** Where Node's `util.inspect`, and so `console.log`, looks for an object's own rendering. */
const inspect = Symbol.for('nodejs.util.inspect.custom')

/**
 * A dispatch that keeps its bytes and parses them when somebody asks. All fields are set in the constructor,
 * in one order, so that every event has the same hidden class.
 */
export class LazyDispatch {
  readonly type: string
  readonly shardId: number
  readonly sequence: number
  readonly sessionId: string
  readonly raw: Buffer
  /** Where `d` lies in `raw`; -1 if the payload has none. */
  readonly dataStart: number
  readonly dataEnd: number
  readonly #codec: PayloadCodec
  #data: unknown
  #isParsed = false

  constructor(
    type: string,
    shardId: number,
    sequence: number,
    sessionId: string,
    raw: Buffer,
    codec: PayloadCodec,
    dataStart: number,
    dataEnd: number,
  ) {
    this.type = type
    this.shardId = shardId
    this.sequence = sequence
    this.sessionId = sessionId
    this.raw = raw
    this.#codec = codec
    this.dataStart = dataStart
    this.dataEnd = dataEnd
  }

  get data(): unknown {
    if (this.#isParsed) return this.#data
    this.#data = this.#parse()
    this.#isParsed = true
    return this.#data
  }

  /** The event as plain data, without its bytes. */
  toJSON(): Record<string, unknown> {
    const { type, shardId, sequence, sessionId, data } = this
    return { type, shardId, sequence, sessionId, data }
  }

  [inspect](): Record<string, unknown> {
    return this.toJSON()
  }

  #parse(): unknown {
    if (this.dataStart < 0) return undefined
    try {
      return this.#codec.parse(this.raw, this.dataStart, this.dataEnd)
    } catch (cause) {
      const { type, shardId, sequence } = this
      throw new DecodeError('DECODE_DATA', `the data of ${type} (shard ${shardId}) cannot be parsed`, {
        cause,
        context: { type, shardId, sequence },
      })
    }
  }
}
