/** Identify queues: `twilight-gateway/queue`. */
export { HttpIdentifyQueue, type HttpIdentifyQueueOptions } from './http-identify-queue.ts'
export type { IdentifyPermit, IdentifyQueue } from './identify-queue.ts'
export { InMemoryIdentifyQueue, type InMemoryIdentifyQueueOptions } from './in-memory-identify-queue.ts'
export { unlimitedIdentifyQueue } from './no-identify-queue.ts'
export { createQueueServer, type QueueServer, type QueueServerOptions } from './queue-server.ts'
export type { SessionStartLimit } from './session-start-limit.ts'
