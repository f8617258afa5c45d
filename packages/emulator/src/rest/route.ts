import type { Bot } from '../bot/bot.ts'
import type { Gateway } from '../gateway.ts'

/** One authorised request. */
export interface RestRequest {
  readonly gateway: Gateway
  readonly bot: Bot
  /** Values of the `:name` segments. */
  readonly params: Readonly<Record<string, string>>
  /** Parsed JSON body; undefined when there was none. */
  readonly body: unknown
}

/** What goes back; a missing body is an empty one. */
export interface RestResponse {
  readonly status: number
  readonly body?: unknown
}

/** A method, a path below `/api/vN` with `:name` segments, and its handler. */
export interface Route {
  readonly method: string
  readonly path: string
  readonly handle: (request: RestRequest) => RestResponse
}

/** 200 with a JSON body. */
export function ok(body: unknown): RestResponse {
  return { status: 200, body }
}

export const noContent: RestResponse = { status: 204 }

/** Discord's error body. Docs, *Opcodes and Status Codes*, JSON error codes. */
export function failure(status: number, code: number, message: string): RestResponse {
  return { status, body: { message, code } }
}

export const notFound: RestResponse = failure(404, 0, '404: Not Found')
export const unauthorized: RestResponse = failure(401, 0, '401: Unauthorized')
export const unknownChannel: RestResponse = failure(404, 10_003, 'Unknown Channel')
export const unknownGuild: RestResponse = failure(404, 10_004, 'Unknown Guild')
export const unknownMember: RestResponse = failure(404, 10_007, 'Unknown Member')
export const unknownUser: RestResponse = failure(404, 10_013, 'Unknown User')
