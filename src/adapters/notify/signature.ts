import { Webhook } from 'standardwebhooks'

type SignatureHeaders = Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>>

/** Signs a body; the same id is used for every attempt, so that receivers can tell repeats. */
export type Signer = (id: string, at: Date, body: string) => SignatureHeaders

/**
 * Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`. While secrets are rotated there are several, and a
 * signature by each: receivers accept one that they know. Throws on a secret that is not base64.
 */
export function signerOf(secrets: readonly string[]): Signer | undefined {
  if (secrets.length === 0) return undefined
  const keys = secrets.map((secret) => new Webhook(secret))
  return (id, at, body) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': keys.map((key) => key.sign(id, at, body)).join(' '),
  })
}
