import { join } from 'node:path'

import { FileSessionStore, MemorySessionStore } from '../../src/store/index.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { sessionStoreConformance } from './session-store-conformance.ts'

sessionStoreConformance('MemorySessionStore', () => {
  const store = new MemorySessionStore()
  return { store, reopen: () => store }
})

sessionStoreConformance('FileSessionStore', async () => {
  const path = join(await temporaryFolder(), 'sessions.json')
  return { store: new FileSessionStore(path), reopen: () => new FileSessionStore(path) }
})
