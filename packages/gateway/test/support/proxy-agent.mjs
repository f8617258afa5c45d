/** An agent module as a user writes it: it is loaded in each thread. */
import { HttpsProxyAgent } from 'https-proxy-agent'
import { SocksProxyAgent } from 'socks-proxy-agent'

export function createAgent({ url, ca }) {
  if (url.startsWith('socks')) return new SocksProxyAgent(url)
  return new HttpsProxyAgent(url, { ca })
}
