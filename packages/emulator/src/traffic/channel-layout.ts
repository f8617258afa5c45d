/** Channel types. Source: Discord docs, *Channel*, channel types. */
export const ChannelKind = {
  Text: 0,
  Direct: 1,
  Voice: 2,
  Category: 4,
  Announcement: 5,
  PublicThread: 11,
  Stage: 13,
  Forum: 15,
} as const

/** One of {@link ChannelKind}. */
export type ChannelKind = (typeof ChannelKind)[keyof typeof ChannelKind]

const { Text, Voice, Category, Announcement, Stage, Forum } = ChannelKind
const block: readonly ChannelKind[] = [
  Text,
  Voice,
  Category,
  Text,
  Text,
  Text,
  Voice,
  Announcement,
  Text,
  Stage,
  Forum,
  Text,
]
const categoryOffset = 2
/** Offsets in a block of the channels that the bot cannot view: a text and a voice channel. */
const hiddenOffsets: readonly number[] = [5, 6]
const hiddenBlocks = 2

/** Which of a guild's channels are what, by index; the same for all guilds of one channel count. */
export interface ChannelLayout {
  /** Text channels that the bot can view. */
  readonly text: readonly number[]
  /** Voice channels that the bot can view. */
  readonly voice: readonly number[]
  /** Stage channels. */
  readonly stage: readonly number[]
  readonly hidden: readonly number[]
}

/** The type of the channel with this index. */
export function channelKind(index: number): ChannelKind {
  return block[index % block.length] ?? Text
}

/** The category of a channel, by index; undefined for top-level channels and categories. */
export function categoryOf(index: number): number | undefined {
  if (index <= categoryOffset || index % block.length === categoryOffset) return undefined
  return Math.floor((index - categoryOffset) / block.length) * block.length + categoryOffset
}

/** Whether the bot lacks VIEW_CHANNEL in it. */
export function isHidden(index: number): boolean {
  return index < block.length * hiddenBlocks && hiddenOffsets.includes(index % block.length)
}

const layouts = new Map<number, ChannelLayout>()

/** The layout of a guild with so many channels. */
export function channelLayout(count: number): ChannelLayout {
  let layout = layouts.get(count)
  if (layout === undefined) {
    const indexes = Array.from({ length: count }, (_, index) => index)
    const visible = (kind: ChannelKind): readonly number[] =>
      indexes.filter((index) => channelKind(index) === kind && !isHidden(index))
    layout = {
      text: visible(Text),
      voice: visible(Voice),
      stage: visible(Stage),
      hidden: indexes.filter((index) => isHidden(index)),
    }
    layouts.set(count, layout)
  }
  return layout
}
