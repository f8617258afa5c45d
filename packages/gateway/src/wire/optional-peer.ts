import { createRequire } from 'node:module'

import { ConfigError } from '../errors.ts'

const require = createRequire(import.meta.url)

/**
 * Loads an optional peer dependency, in the thread that asks. Synchronously, so that an option that needs one is
 * refused where it is given.
 * @throws ConfigError CONFIG_INVALID that says what to install
 */
export function optionalPeer(name: string, option: string): unknown {
  try {
    return require(name)
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND'
    const what = isMissing ? 'is not installed' : 'cannot be loaded'
    throw new ConfigError(
      'CONFIG_INVALID',
      `option ${option} needs the package ${name}, which ${what}: run npm install ${name} (it is compiled then), or leave the option out`,
      { cause, context: { option, peer: name } },
    )
  }
}
