/**
 * A gateway client of nothing but `ws` and `fetch`, as anybody would write it from Discord's documentation. Knows the
 * REST base (API_URL) and a token (TOKEN), prints each event and each way to reconnect, and ends at the message "bye".
 */
import { WebSocket } from 'ws'

const { API_URL: apiUrl, TOKEN: token } = process.env
const query = '/?v=10&encoding=json'
const intents = (1 << 0) | (1 << 9) | (1 << 15)
const properties = { os: 'linux', browser: 'plain', device: 'plain' }

/** @type {{ id: string, url: string } | undefined} */
let session
/** @type {number | null} */
let sequence = null

const answer = await fetch(`${apiUrl}/gateway/bot`, { headers: { authorization: `Bot ${token}` } })
const { url } = await answer.json()
connect(url)

/** @param {string} base */
function connect(base) {
  const socket = new WebSocket(base + query)
  /** @type {NodeJS.Timeout | undefined} */
  let beating
  const send = (op, d) => socket.send(JSON.stringify({ op, d }))
  const beat = () => send(1, sequence)
  socket.on('message', (message) => {
    const { op, t, s, d } = JSON.parse(new TextDecoder().decode(message))
    if (s !== null) sequence = s
    if (op === 0) dispatch(t, d, socket)
    if (op === 1) beat()
    if (op === 7) socket.close(4000)
    if (op === 9 && !d) session = undefined
    if (op !== 10) return
    beating = setInterval(beat, d.heartbeat_interval)
    if (session === undefined) send(2, { token, intents, properties })
    else send(6, { token, session_id: session.id, seq: sequence })
  })
  // What went wrong, `close` tells as well.
  socket.on('error', () => undefined)
  socket.on('close', (code) => {
    clearInterval(beating)
    if (code === 1000) return
    print({ reconnects: session === undefined ? 'anew' : 'to resume' })
    connect(session?.url ?? url)
  })
}

function dispatch(type, data, socket) {
  if (type === 'READY') session = { id: data.session_id, url: data.resume_gateway_url }
  print(type === 'MESSAGE_CREATE' ? { says: data.content } : { type })
  if (type === 'MESSAGE_CREATE' && data.content === 'bye') socket.close(1000)
}

function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
