import type { APIGuildScheduledEvent, APIStageInstance } from 'discord-api-types/v10'
import type { Census } from './census.ts'
import { EntityKind } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import { isoTime } from './snowflake.ts'
import { sentence, title } from './text.ts'

const recurrence = {
  start: '2026-03-01T18:00:00.000000+00:00',
  interval: 1,
  frequency: 2,
  end: null,
  count: null,
  by_year_day: null,
  by_weekday: [6],
  by_n_weekday: null,
  by_month_day: null,
  by_month: null,
} as const

/** The guild's scheduled event with this index: every other one in a voice channel, the rest elsewhere. */
export function makeScheduledEvent(census: Census, guild: Guild, index: number): APIGuildScheduledEvent {
  const random = guild.random(EntityKind.ScheduledEvent, index)
  const startMs = Date.UTC(2026, 2, 1 + random.below(60))
  const creator = random.below(guild.size.members)
  const base = {
    user_count: random.below(200),
    status: 1,
    sku_ids: [],
    scheduled_start_time: isoTime(startMs),
    scheduled_end_time: isoTime(startMs + 7_200_000),
    recurrence_rule: random.chance(0.3) ? { ...recurrence, by_weekday: [...recurrence.by_weekday] } : null,
    privacy_level: 2,
    name: title(random),
    image: random.chance(0.3) ? random.hash() : null,
    id: guild.idOf(EntityKind.ScheduledEvent, index),
    guild_scheduled_event_exceptions: [],
    guild_id: guild.id,
    entity_id: null,
    description: sentence(random),
    creator_id: census.memberId(guild, creator),
    auto_start: false,
  } as const
  const voice = guild.layout.voice[index % Math.max(1, guild.layout.voice.length)]
  return voice !== undefined && index % 2 === 0
    ? { ...base, entity_type: 2, entity_metadata: null, channel_id: guild.channelId(voice) }
    : {
        ...base,
        entity_type: 3,
        entity_metadata: { location: 'Łódź, ulica “Piotrkowska” 1' },
        channel_id: null,
      }
}

/** The stage instance of the guild's stage channel with this index. */
export function makeStageInstance(guild: Guild, channel: number): APIStageInstance & { invite_code: null } {
  return {
    topic: sentence(guild.random(EntityKind.StageInstance, channel)),
    privacy_level: 2,
    invite_code: null,
    id: guild.idOf(EntityKind.StageInstance, channel),
    guild_id: guild.id,
    discoverable_disabled: false,
    channel_id: guild.channelId(channel),
  }
}
