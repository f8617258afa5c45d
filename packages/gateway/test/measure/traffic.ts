import { Traffic, World, type TrafficProfile } from 'twilight-emulator'

/** One payload of realistic traffic, as the gateway writes it. */
export interface TrafficPayload {
  readonly bytes: Buffer
  /** Where the value of `d` begins; it ends with the last byte but one. */
  readonly dataStart: number
}

/** Realistic payloads: `A` without presences, `B` mostly presences, `C` whole guilds. The same ones at every call. */
export function trafficPayloads(profile: TrafficProfile, count: number): TrafficPayload[] {
  const world = new World({ guilds: 50, membersPerGuild: 500 })
  const traffic = new Traffic(world, { profile })
  return Array.from({ length: count }, (_, index) => {
    const { type, data } = traffic.next()
    const head = `{"t":"${type}","s":${index + 1},"op":0,"d":`
    return { bytes: Buffer.from(`${head}${JSON.stringify(data)}}`), dataStart: Buffer.byteLength(head) }
  })
}
