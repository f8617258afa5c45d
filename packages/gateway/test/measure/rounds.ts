/** A way of doing the work that is measured; it is told the round, and does all of it. */
export type Way = () => void

/**
 * CPU time of each way in µs per item: the ways in turn, round by round, so that what else the machine does hits all of
 * them; the median of the rounds and the least. The first round is for the compiler.
 */
export function measureWays(ways: ReadonlyMap<string, Way>, items: number, rounds = 9): Map<string, Cost> {
  const seen = new Map([...ways.keys()].map((name) => [name, [] as number[]]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, way] of ways) {
      globalThis.gc?.()
      const before = process.cpuUsage()
      way()
      const { user, system } = process.cpuUsage(before)
      if (round > 0) seen.get(name)?.push((user + system) / items)
    }
  }
  return new Map(
    Array.from(seen, ([name, times]) => {
      const sorted = times.toSorted((a, b) => a - b)
      return [name, { median: sorted[Math.floor(sorted.length / 2)] ?? 0, least: sorted[0] ?? 0 }]
    }),
  )
}

/** In µs per item. */
export interface Cost {
  readonly median: number
  readonly least: number
}

/** Prints a table, each way beside the first one. */
export function printCosts(title: string, costs: ReadonlyMap<string, Cost>): void {
  const [first] = costs.values()
  const lines = Array.from(costs, ([name, { median, least }]) => {
    const ratio = (median / (first?.median ?? median)).toFixed(2)
    return `  ${name.padEnd(34)} ${median.toFixed(2).padStart(8)} (${least.toFixed(2)}) µs  × ${ratio}`
  })
  process.stdout.write(`${title}\n${lines.join('\n')}\n`)
}
