/** What counts as now. */
const spanMs = 5_000

/** How fast a counter has grown lately. */
export class RateMeter {
  readonly #samples: { readonly atMs: number; readonly total: number }[] = []

  /** Takes the counter's value and gives its growth a second over the last five. */
  perSecond(total: number, nowMs: number): number {
    const samples = this.#samples
    while (samples.length > 1 && nowMs - (samples[1]?.atMs ?? nowMs) >= spanMs) samples.shift()
    samples.push({ atMs: nowMs, total })
    const [oldest] = samples
    if (oldest === undefined || oldest.atMs === nowMs) return 0
    return ((total - oldest.total) / (nowMs - oldest.atMs)) * 1_000
  }
}
