import { expect, test } from 'vitest'

import { parsePrometheus } from './prometheus-text.ts'

test('the reader of these tests understands labels, escapes and special values', () => {
  const text = [
    '# HELP a_total counts',
    '# UNIT a_total By',
    '# TYPE a_total counter',
    String.raw`a_total{x="1",y="a\"b\\c\nd"} 1.5e3`,
    'a_total +Inf',
  ]
  expect(parsePrometheus(text.join('\n')).get('a_total')).toEqual({
    type: 'counter',
    help: 'counts',
    unit: 'By',
    samples: [
      { labels: { x: '1', y: 'a"b\\c\nd' }, value: 1_500 },
      { labels: {}, value: Infinity },
    ],
  })
})

test.each([
  ['a sample without a type', 'a 1'],
  ['the same series twice', '# TYPE a gauge\na{x="1"} 1\na{x="1"} 2'],
  ['the same label twice', '# TYPE a gauge\na{x="1",x="2"} 1'],
  ['an open quote', '# TYPE a gauge\na{x="1} 1'],
  ['no number', '# TYPE a gauge\na one'],
  ['two values', '# TYPE a gauge\na 1 2'],
  ['a type that nobody knows', '# TYPE a thing\na 1'],
  ['an error in place of metrics', '# failed to export metrics: x'],
])('and refuses %s', (_, text) => {
  expect(() => parsePrometheus(text)).toThrow(Error)
})
