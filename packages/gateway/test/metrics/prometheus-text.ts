/** A strict reader of Prometheus' text format (exposition format 0.0.4, with the UNIT lines of OpenMetrics). */

/** One line of values. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** All samples of one name. */
export interface Family {
  readonly type: string
  readonly help: string
  readonly unit: string
  readonly samples: Sample[]
}

/** Everything that was scraped, by name. Throws on anything that the format does not allow. */
export function parsePrometheus(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>()
  const helps = new Map<string, string>()
  const units = new Map<string, string>()
  const series = new Set<string>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const comment = /^# (HELP|UNIT|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line)
    if (comment) {
      const [, keyword, name = '', rest = ''] = comment
      if (families.has(name)) throw new Error(`${keyword} of ${name} comes after its TYPE`)
      if (keyword === 'HELP') helps.set(name, rest)
      else if (keyword === 'UNIT') units.set(name, rest)
      else if (!/^(counter|gauge)$/.test(rest)) throw new Error(`an unexpected type: ${line}`)
      else {
        families.set(name, {
          type: rest,
          help: helps.get(name) ?? '',
          unit: units.get(name) ?? '',
          samples: [],
        })
      }
      continue
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (!sample) throw new Error(`not a line of the format: ${line}`)
    const [, name = '', labels = '', value = ''] = sample
    const family = families.get(name)
    if (!family) throw new Error(`${name} has no TYPE before its samples`)
    const parsed = { labels: parseLabels(labels), value: parseValue(value) }
    const pairs = Object.entries(parsed.labels).map((pair) => JSON.stringify(pair))
    const key = [name, ...pairs.toSorted()].join(' ')
    if (series.has(key)) throw new Error(`twice the same series: ${line}`)
    series.add(key)
    family.samples.push(parsed)
  }
  return families
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const label = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/.exec(rest)
    if (!label) throw new Error(`not a label: ${rest}`)
    const [whole, name = '', value = ''] = label
    if (name in labels) throw new Error(`twice the same label: ${text}`)
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    rest = rest.slice(whole.length)
  }
  return labels
}

function parseValue(text: string): number {
  const infinities: Readonly<Record<string, number>> = {
    '+Inf': Infinity,
    '-Inf': -Infinity,
    NaN: Number.NaN,
  }
  const value = infinities[text] ?? Number(text)
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`not a value: ${text}`)
  return value
}
