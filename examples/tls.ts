/**
 * TLS with a private authority, as behind a company's proxy: the certificates that an authority of our own signed are
 * accepted with its root, and refused without. This example makes the authority, starts an emulator with a certificate
 * of it, and connects three times.
 */
import { generate } from 'selfsigned'
import { Emulator } from 'twilight-emulator'
import { Shard, type TlsOptions } from 'twilight-gateway'

const authority = await createAuthority()
const certificate = await generate([{ name: 'commonName', value: 'our gateway' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  ca: { key: authority.private, cert: authority.cert },
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
})
const emulator = await Emulator.start({ tls: { key: certificate.private, cert: certificate.cert } })
console.log(`an emulator at ${emulator.url} shows a certificate of a private authority`)

const outcomes = [
  await connect('with the root of that authority', { roots: authority.cert }),
  await connect('with the root of another one', { roots: (await createAuthority()).cert }),
  await connect("with Mozilla's roots", { roots: 'bundled' }),
]
await emulator.stop()

const [first, ...others] = outcomes
const isProved = first === 'connected' && others.every((outcome) => outcome === 'CONNECT_TLS')
console.log(isProved ? 'proved: the right root connects, others are refused' : 'not proved')
if (!isProved) process.exitCode = 1

/** Connects until it is clear whether that goes: a refusal is no end to a shard, it would try again. */
async function connect(what: string, tls: TlsOptions): Promise<string | undefined> {
  await using shard = new Shard({ token: emulator.token, intents: 0, gatewayUrl: emulator.url, tls })
  shard.start().catch(() => undefined)
  for await (const event of shard) {
    if (event.type === 'SHARD_CONNECTED') {
      console.log(`${what}: connected`)
      return 'connected'
    }
    if (event.type === 'SHARD_DISCONNECTED') {
      console.log(`${what}: refused, ${event.data.error?.code}: ${event.data.error?.message}`)
      return event.data.error?.code
    }
  }
  return undefined
}

function createAuthority() {
  return generate([{ name: 'commonName', value: 'a private authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  })
}
