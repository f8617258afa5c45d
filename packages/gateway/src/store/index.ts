/** Session stores: `twilight-gateway/store`. */
export { FileSessionStore } from './file-session-store.ts'
export { MemorySessionStore } from './memory-session-store.ts'
export type { SessionStore } from './session-store.ts'
