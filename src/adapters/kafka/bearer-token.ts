import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Clock } from '../../core/clock.ts'
import { TidegaugeError } from '../../core/errors.ts'
import type { TokenSource } from './oauthbearer.ts'

/** Where a token comes from; `setting` is what an operator would correct. */
export type TokenOrigin =
  | { readonly kind: 'value'; readonly value: string; readonly setting: string }
  | { readonly kind: 'file'; readonly path: string; readonly setting: string }
  | { readonly kind: 'command'; readonly command: string; readonly setting: string }

const COMMAND_TIMEOUT_MS = 20_000
const TOKEN_BYTES_MAX = 64 * 1024
/** A token is asked for anew when so much of its life is left, but not earlier than the time below. */
const LIFE_LEFT = 0.3
const LIFE_LEFT_MAX_MS = 60_000
/** A token that does not say how long it lives is asked for again after this time. */
const OPAQUE_LIFE_MS = 60_000

interface HeldToken {
  readonly text: string
  /** Infinity when it does not say. */
  readonly expiresMs: number
  readonly renewMs: number
}

/**
 * The bearer token of SASL OAUTHBEARER: kept while it is good for a while, asked for again before it expires. Whoever
 * asks gets a token that is valid now, or an error that names the setting. The token is in no message.
 */
export class BearerTokens implements TokenSource {
  readonly #origin: TokenOrigin
  readonly #clock: Clock
  #held: HeldToken | undefined
  #asking: Promise<HeldToken> | undefined

  constructor(origin: TokenOrigin, clock: Clock) {
    this.#origin = origin
    this.#clock = clock
  }

  /**
   * @throws TidegaugeError BROKER_UNREACHABLE when a file or command gives no valid token now, as it may give one later;
   *   BROKER_REFUSED when the one that was configured has expired.
   */
  async token(): Promise<string> {
    const held = this.#held
    if (held !== undefined && this.#clock.nowMs() < held.renewMs) return held.text
    try {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined
      })
      this.#held = await this.#asking
      return this.#held.text
    } catch (thrown) {
      // Whoever hands out tokens may be away for a moment: the one at hand is as good until it expires.
      if (held !== undefined && this.#clock.nowMs() < held.expiresMs) return held.text
      throw thrown
    }
  }

  refused(why: string): TidegaugeError {
    this.#held = undefined
    return this.#unusable(`gives a token that the brokers do not take: ${why}`)
  }

  async #ask(): Promise<HeldToken> {
    const text = (await this.#read()).trim()
    if (text === '') throw this.#unusable('gives no token')
    if (/\s/.test(text)) throw this.#unusable('gives more than one token')
    const nowMs = this.#clock.nowMs()
    const expiresMs = expiryOf(text)
    if (expiresMs <= nowMs) throw this.#unusable(`gives a token that expired at ${new Date(expiresMs).toISOString()}`)
    const lifeMs = Number.isFinite(expiresMs) ? expiresMs - nowMs : OPAQUE_LIFE_MS
    return { text, expiresMs, renewMs: nowMs + lifeMs - Math.min(LIFE_LEFT * lifeMs, LIFE_LEFT_MAX_MS) }
  }

  async #read(): Promise<string> {
    const origin = this.#origin
    switch (origin.kind) {
      case 'value':
        return origin.value
      case 'file':
        return readFile(origin.path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
          throw this.#unusable(`names ${origin.path}, which cannot be read: ${cause.code ?? cause.message}`)
        })
      case 'command':
        return this.#run(origin.command)
    }
  }

  async #run(command: string): Promise<string> {
    try {
      const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: TOKEN_BYTES_MAX }
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], options)
      return stdout
    } catch (thrown) {
      // What it printed is not told: it may hold a secret. Nor is the cause, which carries the output.
      const { code, killed } = thrown as { readonly code?: number | string; readonly killed?: boolean }
      throw this.#unusable(killed === true ? `did not end in ${COMMAND_TIMEOUT_MS / 1000} s` : `failed with ${code}`)
    }
  }

  #unusable(what: string): TidegaugeError {
    const fixed = this.#origin.kind === 'value'
    return new TidegaugeError(fixed ? 'BROKER_REFUSED' : 'BROKER_UNREACHABLE', what, {
      where: this.#origin.setting,
      hint: fixed ? 'set a valid token, or name a file or command that is asked again' : 'a valid token is waited for',
    })
  }
}

/** When a JSON Web Token expires, ms; Infinity for any other token, and for one that does not say. */
function expiryOf(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined
    return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
