/** Builds `dist` of the named packages, or of all published ones, with plain tsc. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const names = process.argv.length > 2 ? process.argv.slice(2) : ['gateway', 'emulator', 'cli']

for (const name of names) {
  const folder = join(root, 'packages', name)
  const dist = join(folder, 'dist')
  rmSync(dist, { recursive: true, force: true })
  const args = [tsc, '-p', join(folder, 'tsconfig.build.json')]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  const program = join(dist, 'bin.js')
  if (existsSync(program)) chmodSync(program, 0o755)
}
