import { expect, test } from 'vitest'
import {
  discordEpochMs,
  isoTime,
  snowflake,
  snowflakeLow,
  snowflakeTime,
} from '../../src/traffic/snowflake.ts'

test('ids equal those of BigInt arithmetic, and give back what they were made of', () => {
  const times = [discordEpochMs, discordEpochMs + 1, discordEpochMs + 999_999, Date.UTC(2026, 10, 24), 4e12]
  for (const timeMs of times) {
    for (const low of [0, 1, 999_999, 4_194_303]) {
      const id = snowflake(timeMs, low)
      expect(BigInt(id)).toBe((BigInt(timeMs - discordEpochMs) << 22n) | BigInt(low))
      expect(snowflakeTime(id)).toBe(timeMs)
      expect(snowflakeLow(id)).toBe(low)
    }
  }
})

test('the example of the docs has its time', () => {
  expect(snowflakeTime('175928847299117063')).toBe(1_462_015_105_796)
})

test('times have microseconds and an offset', () => {
  expect(isoTime(Date.UTC(2022, 3, 23, 19, 3, 25, 927))).toBe('2022-04-23T19:03:25.927000+00:00')
})
