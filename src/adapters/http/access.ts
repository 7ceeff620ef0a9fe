import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { HttpError } from './http-error.ts'

/** `read` shows, `feedback` takes a person's verdicts, `push` takes samples, `admin` is all of it. */
export const SCOPES = ['read', 'feedback', 'push', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** A bearer token and what it opens; `admin` opens everything. */
export interface AccessToken {
  readonly token: string
  readonly scopes: readonly Scope[]
}

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

const digest = (text: string) => createHash('sha256').update(text).digest()

const LOOPBACK_ADDRESS = /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/i

/**
 * Who may do what. With tokens, every route asks for one. Without, what only shows is open to whoever reaches the
 * server, and what changes anything to this machine alone. A server on loopback answers only requests that are also
 * addressed to loopback, so that a web page whose name resolves to 127.0.0.1 cannot read here.
 */
export class Access {
  readonly #tokens: readonly { readonly hash: Buffer; readonly scopes: ReadonlySet<Scope> }[]
  readonly #onlyLoopbackNames: boolean

  constructor(tokens: readonly AccessToken[], onLoopback: boolean) {
    this.#tokens = tokens.map(({ token, scopes }) => ({
      hash: digest(token),
      scopes: new Set(scopes.includes('admin') ? SCOPES : scopes),
    }))
    this.#onlyLoopbackNames = onLoopback && tokens.length === 0
  }

  /** Throws unless the request may use a route of this scope. */
  check(request: FastifyRequest, scope: Scope): void {
    if (this.#onlyLoopbackNames && !LOOPBACK_NAME.test(request.headers.host ?? '')) {
      throw new HttpError('forbidden', 'only requests to localhost are answered', {
        hint: 'ask for http://127.0.0.1, or set an API token',
      })
    }
    if (this.#tokens.length === 0) {
      checkAddress(request.ip, scope)
      return
    }
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined) {
      throw new HttpError('unauthorized', 'a token is needed', { hint: 'send it as Authorization: Bearer TOKEN' })
    }
    const hash = digest(given)
    // All are compared, each in constant time: how long it takes says nothing about which one is nearly right.
    const known = this.#tokens.filter((token) => timingSafeEqual(token.hash, hash))
    if (known.length === 0) throw new HttpError('unauthorized', 'the token is not known')
    if (!known.some(({ scopes }) => scopes.has(scope))) {
      throw new HttpError('forbidden', `the token does not have the scope ${scope}`)
    }
  }
}

function checkAddress(address: string, scope: Scope): void {
  if (scope === 'read' || LOOPBACK_ADDRESS.test(address)) return
  throw new HttpError('forbidden', 'without an API token, only this machine may change anything', {
    hint: 'set a token, and send it as Authorization: Bearer TOKEN',
  })
}
