import { join } from 'node:path'

import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

// Workspace packages resolve to their TypeScript sources, as they do under `node --conditions=twilight-source`.
const conditions = ['twilight-source']
const shared = {
  resolve: { conditions },
  // The workers' Node.js gets these too: `import` among them would make `require` of CommonJS packages find ESM.
  ssr: { resolve: { conditions: [...conditions, 'node'] } },
}

type Options = NonNullable<TestProjectInlineConfiguration['test']>

function project(name: string, root: string, testTimeout = 20_000, options: Options = {}) {
  return {
    ...shared,
    test: {
      name,
      root,
      include: ['test/**/*.test.ts'],
      testTimeout,
      hookTimeout: 30_000,
      expect: { poll: { timeout: 10_000 } },
      // A shared machine may stand still for seconds. What fails twice fails.
      retry: process.env['CI'] ? 1 : 0,
      server: { deps: { inline: [/twilight-/] } },
      ...options,
    },
  }
}

/** Nearly every test with threads starts one, which would compile the same sources each time. */
const compileCache = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compile') }

/** The behaviour tests once more, with the shards in worker threads. */
const threads: Options = {
  include: ['test/behaviour/**/*.test.ts'],
  exclude: [
    // Runs in both modes by itself.
    'test/behaviour/requests.test.ts',
    // About bytes, which are read in the same way in both.
    'test/behaviour/captures.test.ts',
    // In virtual time, which threads have none of.
    'test/behaviour/send-limits.test.ts',
  ],
  // They wait more than they compute, most of all for what a random of their own would shorten.
  maxWorkers: 4,
  sequence: { groupOrder: 1 },
  env: { ...compileCache, TWILIGHT_TEST_THREADS: '1' },
}

export default defineConfig({
  test: {
    projects: [
      project('gateway', 'packages/gateway', undefined, { env: compileCache }),
      project('gateway-threads', 'packages/gateway', undefined, threads),
      project('emulator', 'packages/emulator'),
      project('cli', 'packages/cli', 60_000),
      project('examples', 'examples', 60_000),
      project('repository', '.', 60_000),
    ],
  },
})
