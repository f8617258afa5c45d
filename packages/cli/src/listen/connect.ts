import { Cluster, GatewayError, type Compression } from 'twilight-gateway'

import type { Output } from '../terminal/output.ts'
import type { Source } from './source.ts'

/** Long enough for a slow network, short enough for somebody who waits. */
const deadlineMs = 10_000

/**
 * Makes the cluster, which asks the API how many shards to run, and shows that it is trying.
 * @throws GatewayError HTTP_UNAUTHORIZED, HTTP_FAILED; ABORTED if `stop` was
 */
export async function connect(
  source: Source,
  { compression, threads }: { readonly compression: Compression; readonly threads?: number },
  output: Output,
  stop: AbortSignal,
): Promise<Cluster> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const startedAtMs = performance.now()
  const { apiUrl = 'https://discord.com/api/v10' } = source.cluster
  const { host } = new URL(apiUrl)
  const timer = setInterval(() => {
    const seconds = Math.floor((performance.now() - startedAtMs) / 1_000)
    output.status([{ text: `asking ${host} how to connect … ${seconds} s`, style: 'yellow' }])
  }, 250)
  try {
    const signal = AbortSignal.any([stop, deadline])
    return await Cluster.create({
      ...source.cluster,
      compression,
      signal,
      ...(threads === undefined ? {} : { threads }),
    })
  } catch (error) {
    if (!deadline.aborted || stop.aborted) throw error
    const what = `${host} did not answer within ${deadlineMs / 1_000} s: check the network, or --api`
    throw new GatewayError('HTTP_FAILED', what, { cause: error })
  } finally {
    clearInterval(timer)
    output.clearStatus()
  }
}
