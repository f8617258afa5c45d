/** This version of the library, in step with package.json (a test compares them). */
export const version = '0.1.0'

/** What we call ourselves in HTTP requests and websocket upgrades (Discord docs, *API Reference*, User Agent). */
export const userAgent = `DiscordBot (https://www.npmjs.com/package/twilight-gateway, ${version})`
