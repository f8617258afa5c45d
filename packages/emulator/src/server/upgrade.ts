import { STATUS_CODES } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { WebSocketServer } from 'ws'
import type { RawData, WebSocket } from 'ws'

import { receive } from '../command/receive.ts'
import { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'
import { CloseCode, reconnectClose, sessionEndingCodes } from '../protocol/close-code.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { ConnectionRecord } from '../report/report.ts'
import type { Greeting } from '../fault/fault-plan.ts'
import { parseQuery } from './handshake.ts'
import type { GatewayQuery } from './handshake.ts'
import { watchHeartbeat } from './heartbeat-watch.ts'

/** Inbound messages above this are cut off by `ws`; below, the 4096-byte rule answers with 4002. */
const maxInboundBytes = 1024 * 1024

const refusalTimeoutMs = 5000

/** Errors of `ws` for which it closes with 1009. */
const lengthErrors: ReadonlySet<string> = new Set([
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
])

/** Turns upgrades into connections and tends them from Hello to their end. */
export class Upgrader {
  readonly #gateway: Gateway
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxInboundBytes,
    skipUTF8Validation: true,
  })

  constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  /** One upgrade request on one of the listeners. */
  handle(
    listener: ConnectionRecord['listener'],
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): void {
    const gateway = this.#gateway
    socket.on('error', () => undefined)
    const greeting = gateway.faults.nextGreeting()
    const outageStatus = gateway.faults.outage?.upgradeStatus
    const query = parseQuery(request.url ?? '/', gateway.settings.switches)
    if (greeting?.kind === 'refuse') this.#refuse(socket, greeting.status)
    else if (outageStatus !== undefined) this.#refuse(socket, outageStatus)
    else if (query === undefined) {
      this.#refuse(socket, 400)
      gateway.violation('query', `upgrade with ${request.url}`)
    } else {
      const record = this.#record(listener, query)
      // Corked, the 101 response and Hello can share a segment.
      if (greeting?.kind === 'coalesce') socket.cork()
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.#welcome(record, webSocket, socket, query, greeting)
      })
      if (greeting?.kind === 'coalesce') socket.uncork()
    }
  }

  #record(listener: ConnectionRecord['listener'], query: GatewayQuery): ConnectionRecord {
    return {
      id: this.#gateway.nextConnectionId(),
      listener,
      version: query.version,
      encoding: query.encoding,
      compression: query.compression,
      openedAtMs: this.#gateway.settings.clock.now(),
      shard: null,
      closedAtMs: null,
      closeCode: null,
      closedBy: null,
    }
  }

  #refuse(socket: Duplex, status: number): void {
    this.#gateway.recorder.refusedUpgrade(status)
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`
    socket.end(`${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    // After an upgrade nobody else closes a socket whose peer never does.
    this.#gateway.settings.clock.setTimeout(() => socket.destroy(), refusalTimeoutMs)
    this.#gateway.signals.changed()
  }

  #welcome(
    record: ConnectionRecord,
    webSocket: WebSocket,
    socket: Duplex,
    query: GatewayQuery,
    greeting: Greeting | undefined,
  ): void {
    const gateway = this.#gateway
    const { settings, recorder } = gateway
    const connection = new Connection({
      record,
      encoding: gateway.encodings[query.encoding],
      webSocket,
      socket,
      settings,
      recorder,
      faultsOf: (shard) => gateway.faults.of(shard),
      onSlowReader: (slow) => {
        gateway.violation('slow-reader', `${slow.bufferedBytes} bytes are waiting to be read`, slow)
      },
    })
    gateway.connections.add(connection)
    recorder.connections.push(record)
    webSocket.on('error', (error) => malformed(gateway, connection, error))
    webSocket.on('message', (message: RawData, isBinary: boolean) => {
      if (Buffer.isBuffer(message)) receive(gateway, connection, message, isBinary)
    })
    webSocket.on('close', (code: number) => this.#left(connection, code))
    if (!query.versionSupported) {
      gateway.reject(connection, 'version', `v=${query.version}`, CloseCode.InvalidApiVersion)
    } else {
      hello(gateway, connection, greeting)
    }
    gateway.signals.emit('connection', record)
  }

  #left(connection: Connection, code: number): void {
    const gateway = this.#gateway
    const { record, session } = connection
    const byClient = record.closedBy === null
    record.closedAtMs = gateway.settings.clock.now()
    record.closedBy ??= 'client'
    record.closeCode ??= code
    connection.release()
    connection.session = undefined
    gateway.connections.delete(connection)
    if (session !== undefined && session.endReason === undefined) {
      if (byClient && sessionEndingCodes.has(code)) gateway.endSession(session, `client closed with ${code}`)
      else gateway.detach(session)
    }
    gateway.signals.emit('disconnect', record)
  }
}

/** Not WebSocket at all, or too large even to be read; `ws` has closed the socket (rule E4). */
function malformed(
  gateway: Gateway,
  connection: Connection,
  error: Error & { readonly code?: string },
): void {
  const tooLarge = lengthErrors.has(error.code ?? '')
  connection.fail(tooLarge ? 1009 : 1002)
  gateway.violation(tooLarge ? 'size' : 'decode', error.message, connection)
}

function hello(gateway: Gateway, connection: Connection, greeting: Greeting | undefined): void {
  if (greeting?.kind === 'silence') return
  if (greeting?.kind === 'reconnect-before' || greeting?.kind === 'reconnect-instead') {
    sendReconnect(gateway, connection)
    if (greeting.kind === 'reconnect-instead') return
  }
  connection.send(Opcode.Hello, {
    heartbeat_interval: gateway.settings.heartbeatIntervalMs,
    _trace: gateway.trace(),
  })
  watchHeartbeat(gateway, connection)
}

/** Op 7, then close 1001 after a pause; the session stays resumable (rule E35). */
export function sendReconnect(gateway: Gateway, connection: Connection): void {
  const [min, max] = gateway.settings.reconnectDelayMs
  connection.send(Opcode.Reconnect, null)
  gateway.later(connection, gateway.random.between(min, max), () => {
    connection.close(reconnectClose.code, reconnectClose.reason)
  })
}
