import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Meter } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'

import { parsePrometheus, type Family } from './prometheus-text.ts'

/** The real SDK and the real exporter behind a real HTTP server on a free port. */
export interface Scraper extends AsyncDisposable {
  readonly meter: Meter
  /** What the exporter answers over HTTP, parsed. */
  scrape(): Promise<Scrape>
}

/** One scrape. */
export interface Scrape {
  readonly families: ReadonlyMap<string, Family>
  /**
   * The value of a series by its labels, scope aside; `undefined` if there is none. The name is that of the instrument,
   * with dots.
   */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined
  /** The values of an instrument by one label. */
  by(name: string, label: string): Readonly<Record<string, number>>
}

export async function startScraper(): Promise<Scraper> {
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true })
  const provider = new MeterProvider({ readers: [exporter] })
  // The exporter's own server takes no port 0.
  const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    meter: provider.getMeter('test'),
    scrape: async () => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`)
      return readScrape(parsePrometheus(await response.text()))
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await provider.shutdown()
    },
  }
}

function readScrape(families: ReadonlyMap<string, Family>): Scrape {
  const familyOf = (name: string): Family | undefined => {
    const base = name.replaceAll('.', '_')
    return families.get(`${base}_total`) ?? families.get(base)
  }
  return {
    families,
    value: (name, labels = {}) => {
      const wanted = Object.entries(labels)
      const found = familyOf(name)?.samples.filter(
        (sample) =>
          Object.keys(sample.labels).length === wanted.length &&
          wanted.every(([label, value]) => sample.labels[label] === value),
      )
      return found?.[0]?.value
    },
    by: (name, label) =>
      Object.fromEntries(
        (familyOf(name)?.samples ?? []).map((sample) => [sample.labels[label] ?? '', sample.value]),
      ),
  }
}
