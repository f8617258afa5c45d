import { vi } from 'vitest'

/** Waits until an assertion holds; fails with it after 15 s, which is long enough for a busy machine. */
export function eventually(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 15_000, interval: 5 })
}
