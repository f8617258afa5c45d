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
    // Of one that is installed but was not compiled, another file is missing.
    const isMissing = cause instanceof Error && cause.message.includes(`Cannot find module '${name}'`)
    const what = isMissing
      ? `is not installed: run npm install ${name}, which compiles it`
      : `cannot be loaded: run npm rebuild ${name}, which compiles it for this Node`
    throw new ConfigError(
      'CONFIG_INVALID',
      `option ${option} needs the package ${name}, which ${what}; or leave the option out`,
      { cause, context: { option, peer: name } },
    )
  }
}
