import { X509Certificate } from 'node:crypto'

import { ConfigError } from '../errors.ts'

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The certificates in PEM texts, each of which may hold several. OpenSSL skips what it cannot read, and then trusts
 * nobody: so they are read here.
 * @throws ConfigError CONFIG_INVALID
 */
export function pemCertificates(option: string, texts: string | readonly string[]): string[] {
  const certificates: string[] = []
  for (const text of typeof texts === 'string' ? [texts] : texts) {
    const blocks = typeof text === 'string' ? (text.match(block) ?? []) : []
    if (blocks.length === 0) throw ConfigError.option(option, text, `${allowed}, not a path or other words`)
    for (const pem of blocks) {
      if (!isCertificate(pem)) throw ConfigError.option(option, pem, `${allowed}: this one cannot be read`)
    }
    certificates.push(...blocks)
  }
  if (certificates.length > 0) return certificates
  throw ConfigError.option(option, texts, `${allowed}, at least one`)
}

const allowed = "'bundled', 'system' or the PEM texts of certificates"

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
