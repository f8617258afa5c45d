/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function interrupted(): { readonly signal: Promise<void>; readonly dispose: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  let count = 0
  const handle = (): void => {
    count += 1
    if (count > 1) process.exit(130)
    resolve()
  }
  process.on('SIGINT', handle)
  process.on('SIGTERM', handle)
  const dispose = (): void => {
    process.off('SIGINT', handle)
    process.off('SIGTERM', handle)
  }
  return { signal: promise, dispose }
}
