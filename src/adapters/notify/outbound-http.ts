import { Agent, request } from 'undici'
import type { Clock } from '../../core/clock.ts'
import { TidegaugeError } from '../../core/errors.ts'
import type { PostAnswer, PostRequest } from '../../runtime/post.ts'
import { outcomeOfError, outcomeOfStatus } from './outcome.ts'
import { assertPublicHost, ForbiddenAddressError, publicLookup } from './ssrf-guard.ts'

export interface OutboundOptions {
  /** The setting that the URL comes from, for errors. */
  readonly where: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Allows private, loopback and link-local receivers. */
  readonly allowPrivate?: boolean
  /** For one attempt, from connecting to the answer. */
  readonly timeoutMs?: number
  readonly clock: Clock
}

const OUTBOUND_DEFAULTS = { timeoutMs: 15_000, allowPrivate: false } as const

/** An answer is read no further than this: it is there for its connection's sake, and for a line in the log. */
const ANSWER_BYTES_MAX = 65_536
const TEXT_CHARS_MAX = 1_000

/**
 * POSTs to one receiver that somebody has configured, and to no address that it may not reach. The URL's path and the
 * headers are credentials with many receivers, so nothing that it answers or throws repeats them.
 */
export class OutboundHttp {
  readonly #url: URL
  readonly #options: OutboundOptions
  readonly #agent: Agent

  /** Throws CONFIG_INVALID on a URL that is none, or that leads where it may not. */
  constructor(options: OutboundOptions) {
    this.#options = options
    this.#url = parseUrl(options)
    const allowPrivate = options.allowPrivate ?? OUTBOUND_DEFAULTS.allowPrivate
    this.#agent = new Agent({ connect: allowPrivate ? {} : { lookup: publicLookup } })
  }

  async post(sent: PostRequest, signal: AbortSignal): Promise<PostAnswer> {
    try {
      if (this.#options.allowPrivate !== true) assertPublicHost(this.#url)
      return await this.#request(sent, signal)
    } catch (thrown) {
      return { ...outcomeOfError(thrown), text: '' }
    }
  }

  async #request({ body, headers, path }: PostRequest, signal: AbortSignal): Promise<PostAnswer> {
    const deadline = AbortSignal.timeout(this.#options.timeoutMs ?? OUTBOUND_DEFAULTS.timeoutMs)
    const answer = await request(withPath(this.#url, path), {
      method: 'POST',
      headers: { ...this.#options.headers, 'user-agent': 'tidegauge', ...headers },
      body,
      dispatcher: this.#agent,
      signal: AbortSignal.any([signal, deadline]),
    })
    const text = await beginningOf(answer.body)
    const retryAfter = answer.headers['retry-after']
    const nowMs = this.#options.clock.nowMs()
    const first = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter
    return { ...outcomeOfStatus(answer.statusCode, first, nowMs), text }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}

/** Reads an answer to its end, so that its connection can be used again; one that is too long costs its connection. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (text.length < TEXT_CHARS_MAX) text = (text + chunk.toString('utf8')).slice(0, TEXT_CHARS_MAX)
    if (bytes > ANSWER_BYTES_MAX) break
  }
  return text
}

/** A fixed API path goes behind whatever path the receiver is mounted at. */
function withPath(url: URL, path: string | undefined): URL {
  if (path === undefined || url.pathname.endsWith(path)) return url
  const whole = new URL(url)
  whole.pathname = `${url.pathname.replace(/\/$/, '')}${path}`
  return whole
}

function parseUrl({ where, url, allowPrivate }: OutboundOptions): URL {
  if (!URL.canParse(url)) {
    throw new TidegaugeError('CONFIG_INVALID', 'is not a URL', { where, hint: 'such as https://example.com/hook' })
  }
  const parsed = new URL(url)
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') {
    throw new TidegaugeError('CONFIG_INVALID', `cannot send to ${parsed.protocol}`, { where, hint: 'use https' })
  }
  if (parsed.username !== '' || parsed.password !== '') {
    const hint = 'put credentials in an Authorization header'
    throw new TidegaugeError('CONFIG_INVALID', 'has a user or a password in it, which are not sent', { where, hint })
  }
  try {
    if (allowPrivate !== true) assertPublicHost(parsed)
  } catch (thrown) {
    if (!(thrown instanceof ForbiddenAddressError)) throw thrown
    throw new TidegaugeError('CONFIG_INVALID', thrown.message, { where, hint: 'or send to a public receiver' })
  }
  return parsed
}
