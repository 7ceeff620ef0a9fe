import type { Mechanism } from 'kafkajs'
import type { TidegaugeError } from '../../core/errors.ts'

/** What a client of OAUTHBEARER asks for its tokens. */
export interface TokenSource {
  /** A token that is valid now. */
  token(): Promise<string>
  /** The brokers did not take it: the next one is to be another, and this is the error to tell. */
  refused(why: string): TidegaugeError
}

const SEPARATOR = '\u0001'
const LENGTH_BYTES = 4

/**
 * SASL OAUTHBEARER (RFC 7628). kafkajs has it too, but takes an answer that says why a token was refused for success,
 * and then only sees that the connection is closed.
 */
export function oauthBearerMechanism(tokens: TokenSource): Mechanism {
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ saslAuthenticate }) => ({
      authenticate: async () => {
        const token = await tokens.token()
        const why = await saslAuthenticate({
          request: { encode: () => framed(`n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${SEPARATOR}`) },
          response: { decode: unframed, parse: reasonOf },
        })
        if (typeof why === 'string') throw tokens.refused(why)
      },
    }),
  }
}

/** As the client expects it: the length in front. */
function framed(text: string): Buffer {
  const bytes = Buffer.from(text)
  const frame = Buffer.alloc(LENGTH_BYTES + bytes.length)
  frame.writeInt32BE(bytes.length)
  bytes.copy(frame, LENGTH_BYTES)
  return frame
}

const unframed = (frame: Buffer): Buffer => frame.subarray(LENGTH_BYTES)

/** Empty: accepted. Else JSON with a status, such as invalid_token. */
function reasonOf(answer: Buffer): string | undefined {
  if (answer.length === 0) return undefined
  try {
    const { status } = JSON.parse(answer.toString('utf8')) as { readonly status?: unknown }
    return String(status)
  } catch {
    return 'no reason given'
  }
}
