/** Runs the tests of the published packages on the oldest Node.js that they support. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const oldest = '22.15.0'
const root = join(import.meta.dirname, '..')
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
// The project gateway has shards in threads too. On this Node.js, gateway-threads would take minutes: it strips the types
// of every thread's sources anew.
const projects = ['gateway', 'emulator', 'cli'].flatMap((name) => ['--project', name])

const { status } = spawnSync(
  'npx',
  [
    '--yes',
    '--package',
    `node@${oldest}`,
    '--',
    'node',
    vitest,
    'run',
    ...projects,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
)
process.exit(status ?? 1)
