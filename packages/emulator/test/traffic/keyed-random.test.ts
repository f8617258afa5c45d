import { expect, test } from 'vitest'
import { KeyedRandom } from '../../src/traffic/keyed-random.ts'

function draw(seed: number, first: number, second: number, third: number): readonly number[] {
  const random = new KeyedRandom(seed, first, second, third)
  return Array.from({ length: 8 }, () => random.bits())
}

test('the same keys give the same numbers, other keys others', () => {
  expect(draw(1, 2, 3, 4)).toEqual(draw(1, 2, 3, 4))
  for (const other of [draw(2, 2, 3, 4), draw(1, 3, 3, 4), draw(1, 2, 4, 4), draw(1, 2, 3, -4)]) {
    expect(other).not.toEqual(draw(1, 2, 3, 4))
  }
})

test('first draws over consecutive keys are uniform', () => {
  const buckets = Array.from({ length: 16 }, () => 0)
  for (let key = 0; key < 16_000; key++) {
    const bucket = new KeyedRandom(7, 0, key).below(16)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  for (const count of buckets) expect(count).toBeGreaterThan(850)
})

test('normal numbers have mean 0 and deviation 1', () => {
  const random = new KeyedRandom(3)
  const drawn = Array.from({ length: 20_000 }, () => random.normal())
  const mean = drawn.reduce((sum, each) => sum + each, 0) / drawn.length
  const variance = drawn.reduce((sum, each) => sum + (each - mean) ** 2, 0) / drawn.length
  expect(mean).toBeCloseTo(0, 1)
  expect(variance).toBeCloseTo(1, 1)
})

test('a hash has 32 hex digits, and an empty list has nothing to pick', () => {
  expect(new KeyedRandom(1).hash()).toMatch(/^[0-9a-f]{32}$/)
  expect(() => new KeyedRandom(1).pick([])).toThrow(RangeError)
})
