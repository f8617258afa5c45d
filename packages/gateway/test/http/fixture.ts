import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, onTestFinished } from 'vitest'

import { fetchGatewayBot, type FetchGatewayBotOptions, type GatewayBot } from '../../src/http/gateway-bot.ts'
import { eventually } from '../support/eventually.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

export const token = 'MTA1MDE2.GabcdE.s3cret-s3cret'
/** What Discord answers. */
export const body = {
  url: 'wss://gateway.discord.gg/',
  shards: 9,
  session_start_limit: { total: 1_000, remaining: 998, reset_after: 14_400_000, max_concurrency: 16 },
}
/** The same in our terms. */
export const bot: GatewayBot = {
  url: 'wss://gateway.discord.gg/',
  shards: 9,
  sessionStartLimit: { total: 1_000, remaining: 998, resetAfterMs: 14_400_000, maxConcurrency: 16 },
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => unknown

export function json(value: unknown): Answer {
  return (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

export function status(code: number, text = '', headers: Record<string, string> = {}): Answer {
  return (response) => response.writeHead(code, headers).end(text)
}

/** Drops the connection instead of answering. */
export const drop: Answer = (_response, request) => request.socket.destroy()

/** Drops the connection in the middle of the answer. */
export const cut: Answer = (response) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('{"url":', () => response.destroy())
}

/** Shows the request, as some proxies do. */
export function echo(code: number): Answer {
  return (response, { headers }) => response.writeHead(code).end(JSON.stringify(headers))
}

export interface Api {
  readonly apiUrl: string
  readonly requests: IncomingMessage[]
}

/** A real HTTP server that gives each request the next answer, and the last one for ever. */
export async function api(...answers: Answer[]): Promise<Api> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]
    requests.push(request)
    answer?.(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v10`, requests }
}

/** Virtual time that tells how long each wait is to be. */
export class TellingClock extends VirtualClock {
  readonly delaysMs: number[] = []

  override setTimeout(callback: () => void, delayMs: number): unknown {
    this.delaysMs.push(delayMs)
    return super.setTimeout(callback, delayMs)
  }
}

/** Asks, and lets each wait between attempts pass; what they were. */
export async function ask(
  options: Partial<FetchGatewayBotOptions>,
): Promise<{ readonly answer: Promise<GatewayBot>; readonly waits: Promise<readonly number[]> }> {
  const clock = new TellingClock()
  const answer = fetchGatewayBot({ token, clock, random: () => 1, ...options })
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  answer.then(settle, settle)
  const passing = async (): Promise<readonly number[]> => {
    // Each attempt sets its deadline, then perhaps a wait.
    for (let seen = 2; ; seen += 2) {
      await eventually(() => expect(isSettled || clock.delaysMs.length >= seen).toBe(true))
      if (clock.delaysMs.length < seen) break
      await clock.advance(clock.delaysMs[seen - 1] ?? 0)
    }
    expect(clock.pending).toBe(0)
    return clock.delaysMs.filter((_, index) => index % 2 === 1)
  }
  return { answer, waits: passing() }
}

/** What it fails with, all attempts made. */
export async function failure(options: Partial<FetchGatewayBotOptions>): Promise<unknown> {
  const { answer, waits } = await ask(options)
  const error: unknown = await answer.then(
    () => undefined,
    (each: unknown) => each,
  )
  await waits
  return error
}
