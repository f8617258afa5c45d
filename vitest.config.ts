import { defineConfig } from 'vitest/config'

// Workspace packages resolve to their TypeScript sources, as they do under `node --conditions=twilight-source`.
const conditions = ['twilight-source']
const shared = {
  resolve: { conditions },
  // The workers' Node.js gets these too: `import` among them would make `require` of CommonJS packages find ESM.
  ssr: { resolve: { conditions: [...conditions, 'node'] } },
}

function project(name: string, root: string, testTimeout = 20_000) {
  return {
    ...shared,
    test: {
      name,
      root,
      include: ['test/**/*.test.ts'],
      testTimeout,
      hookTimeout: 30_000,
      server: { deps: { inline: [/twilight-/] } },
    },
  }
}

export default defineConfig({
  test: {
    projects: [
      project('gateway', 'packages/gateway'),
      project('emulator', 'packages/emulator'),
      project('cli', 'packages/cli', 60_000),
      project('examples', 'examples', 60_000),
      project('repository', '.', 60_000),
    ],
  },
})
