import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { instrument } from '../../src/metrics/index.ts'
import { instruments } from '../../src/metrics/instruments.ts'
import type { DisconnectCause } from '../../src/session/lifecycle.ts'
import { madeInfo } from './made-info.ts'
import { startScraper } from './scraper.ts'

const text = readFileSync(join(import.meta.dirname, '../../../../docs/metrics.md'), 'utf8')
const rows = Array.from(
  text.matchAll(/^\| `(twilight\.[\w.]+)` +\| (\w+) +\| `([^`]+)` +\| `([\w.]+)` +\| (.+?) +\|$/gm),
  ([, name, kind, unit, attribute, meaning]) => ({ name, kind, unit, attribute, meaning }),
)

test('docs/metrics.md lists exactly the instruments', () => {
  expect(rows).toEqual(
    instruments.map(({ name, kind, unit, attribute, meaning }) => ({ name, kind, unit, attribute, meaning })),
  )
})

test('the causes are those that there are', () => {
  // That none is missing here is checked by the compiler.
  const causes: Readonly<Record<DisconnectCause, true>> = {
    requested: true,
    'invalid-session': true,
    'close-code': true,
    network: true,
    'connect-failed': true,
    zombie: true,
    timeout: true,
    decode: true,
    thread: true,
    local: true,
  }
  const [, list = ''] =
    /^- `disconnect.cause` is the `cause` of `SHARD_DISCONNECTED`:([^.]*)\./m.exec(text) ?? []
  expect(Array.from(list.matchAll(/`([\w-]+)`/g), ([, cause]) => cause)).toEqual(Object.keys(causes))
})

test('what is exported has the name, kind, unit, attribute and meaning of the docs', async () => {
  await using scraper = await startScraper()
  const shard = madeInfo(0, {
    stats: {
      dispatchesByType: { READY: 1 },
      reconnectsByCause: { network: 1 },
      resumesByCause: { network: 1 },
    },
  })
  instrument({ info: () => shard }, { meter: scraper.meter })
  const { families } = await scraper.scrape()
  const exported = Array.from(families, ([name, { type, unit, help, samples }]) => ({
    name,
    type,
    unit,
    help,
    labels: Object.keys(samples[0]?.labels ?? {}),
  })).filter(({ name }) => name !== 'target_info')
  expect(exported).toEqual(
    rows.map(({ name = '', kind, unit, attribute = '', meaning }) => ({
      name: name.replaceAll('.', '_') + (kind === 'counter' ? '_total' : ''),
      type: kind === 'counter' ? 'counter' : 'gauge',
      unit,
      help: meaning,
      labels: [attribute.replaceAll('.', '_')],
    })),
  )
})
