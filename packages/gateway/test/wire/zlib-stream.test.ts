import { createInflater } from '../../src/wire/inflate/create-inflater.ts'
import { zlibStreamSuite } from './zlib-stream-suite.ts'

zlibStreamSuite((maxInflatedBytes) => createInflater('zlib-stream', { maxInflatedBytes }))
