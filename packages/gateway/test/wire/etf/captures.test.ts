import { expect, test } from 'vitest'

import { EtfCodec } from '../../../src/wire/etf/etf-codec.ts'
import { captures, noCaptures, readCapture } from '../../support/captures.ts'

/** The whole envelope of each, as `JSON.parse` would give it. */
const payloads: readonly (readonly [name: string, payload: object])[] = [
  [
    'go-etfapi/etf-hello.bin',
    { op: 10, s: null, t: null, d: { _trace: ['gateway-prd-main-vmtk'], heartbeat_interval: 41_250 } },
  ],
  [
    'discord-w/etf-message-create.bin',
    {
      op: 0,
      s: 205,
      t: 'MESSAGE_CREATE',
      d: {
        id: '410576772422172684',
        channel_id: '339261635191504896',
        author: { id: expect.stringMatching(/^\d{18}$/), discriminator: '0001' },
        attachments: [],
        edited_timestamp: null,
        mention_everyone: false,
        nonce: '410576769154809856',
        type: 0,
      },
    },
  ],
  [
    'discord-w/etf-presence-update.bin',
    {
      op: 0,
      s: 204,
      t: 'PRESENCE_UPDATE',
      d: {
        guild_id: '339261635191504896',
        status: 'online',
        game: { flags: 48, timestamps: { start: 1_517_959_524_929, end: 1_517_959_845_555 } },
        roles: Array.from({ length: 7 }, () => expect.stringMatching(/^\d{18}$/)),
      },
    },
  ],
]

test.for(payloads)("Discord's %s", ([file, payload], { skip }) => {
  skip(captures.length === 0, noCaptures)
  const codec = new EtfCodec()
  const bytes = readCapture(file)
  const { op, sequence, type, dataStart, dataEnd } = codec.scan(bytes)
  const envelope = {
    op,
    s: sequence === -1 ? null : sequence,
    t: type === '' ? null : type,
    d: codec.parse(bytes, dataStart, dataEnd),
  }
  expect(envelope).toMatchObject(payload)
  expect(codec.parse(bytes, 1, bytes.length)).toEqual(envelope)
  expect(codec.split(Buffer.concat([bytes, bytes]))).toEqual([bytes, bytes])
})
