const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A count with separators: `12,345`. */
export function count(value: number): string {
  return grouped.format(value)
}

/** A count and its noun: `1 guild`, `2 guilds`. */
export function countOf(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** Events a second, with a digit more while they are few. */
export function rate(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : count(perSecond)} events/s`
}

/** A round trip: `0.7 ms`, `132 ms`, or a dash before the first was measured. */
export function latency(ms: number | undefined): string {
  if (ms === undefined) return '–'
  return `${ms < 10 ? ms.toFixed(1) : count(ms)} ms`
}

/** A time span as a clock shows it: `0:07`, `12:03`, `1:00:00`. */
export function clockSpan(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  const tail = String(seconds % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}

/** A wait in seconds with one digit: `0.4 s`. */
export function wait(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
