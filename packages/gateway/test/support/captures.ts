import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../../..')

/**
 * What the real Discord sent, as public test fixtures of other projects keep it. The folder is not part of this
 * repository: give one in DISCORD_CAPTURES, or lay it beside the checkout as `shared/captures`.
 */
const folder = process.env['DISCORD_CAPTURES'] ?? join(root, '../shared/captures')

/** The captured files, by their path within the folder; none if there is no folder. */
export const captures: readonly string[] = existsSync(folder)
  ? globSync('**/*.{json,bin}', { cwd: folder }).toSorted()
  : []

/** Why there are none. */
export const noCaptures = 'no captures: set DISCORD_CAPTURES to a folder that holds some'

/** The bytes of a captured file. */
export function readCapture(file: string): Buffer {
  return readFileSync(join(folder, file))
}
