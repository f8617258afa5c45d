import { Readable } from 'node:stream'

/** The pieces of a source, until its end or the signal, even while the source is silent; a stream is destroyed then. */
export async function* piecesUntil(source: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator {
  const iterator = source[Symbol.asyncIterator]()
  let end: (() => void) | undefined
  const aborted = (): void => end?.()
  signal.addEventListener('abort', aborted)
  try {
    while (!signal.aborted) {
      const next = Promise.withResolvers<IteratorResult<unknown>>()
      end = () => next.resolve({ done: true, value: undefined })
      iterator.next().then(next.resolve, next.reject)
      const { done, value } = await next.promise
      if (done === true) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', aborted)
    if (source instanceof Readable) source.destroy()
    // Not awaited: it would wait for a `next` that is under way.
    else iterator.return?.().catch(() => undefined)
  }
}
