import { Agent, request } from 'undici'
import type { AlarmEvent } from '../../alarm/alarm-event.ts'
import type { Clock } from '../../core/clock.ts'
import { TidegaugeError } from '../../core/errors.ts'
import type { DeliveryOutcome, Notifier } from '../../runtime/notifier.ts'
import { outcomeOfError, outcomeOfStatus } from './outcome.ts'
import type { RenderedRequest, Renderer } from './render/renderer.ts'
import { type Signer, signerOf } from './signature.ts'
import { assertPublicHost, ForbiddenAddressError, publicLookup } from './ssrf-guard.ts'

export interface WebhookOptions {
  /** Name of the channel, for errors. */
  readonly name: string
  readonly url: string
  readonly render: Renderer
  /** `whsec_` and base64; several while they are rotated; none sends unsigned. */
  readonly secrets?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** Allows private, loopback and link-local receivers. */
  readonly allowPrivate?: boolean
  /** For one attempt, from connecting to the answer. */
  readonly timeoutMs?: number
  readonly clock: Clock
}

const WEBHOOK_DEFAULTS = { timeoutMs: 15_000, allowPrivate: false } as const

/** An answer's body is read for its connection's sake only, and no further than this. */
const ANSWER_BYTES_MAX = 65_536

/**
 * A channel that POSTs each event to a URL, in the body that `render` makes, signed by Standard Webhooks when there is
 * a secret. URL paths, headers and secrets are credentials with many receivers, so no error or outcome repeats them.
 */
export class WebhookNotifier implements Notifier {
  readonly #url: URL
  readonly #options: WebhookOptions
  readonly #signer: Signer | undefined
  readonly #agent: Agent

  /** Throws CONFIG_INVALID on a URL or a secret that is none. */
  constructor(options: WebhookOptions) {
    this.#options = options
    this.#url = parseUrl(options)
    this.#signer = parseSecrets(options)
    const allowPrivate = options.allowPrivate ?? WEBHOOK_DEFAULTS.allowPrivate
    this.#agent = new Agent({ connect: allowPrivate ? {} : { lookup: publicLookup } })
  }

  async deliver(event: AlarmEvent, signal: AbortSignal): Promise<DeliveryOutcome> {
    const nowMs = this.#options.clock.nowMs()
    let rendered: RenderedRequest | undefined
    try {
      rendered = this.#options.render(event, nowMs)
    } catch (thrown) {
      const detail = thrown instanceof Error ? thrown.message : String(thrown)
      return { kind: 'refused', reason: 'invalid', detail: `the event cannot be written for this receiver: ${detail}` }
    }
    if (rendered === undefined) return { kind: 'delivered', detail: 'there is nothing to tell this receiver' }
    try {
      if (this.#options.allowPrivate !== true) assertPublicHost(this.#url)
      return await this.#post(event.id, rendered, nowMs, signal)
    } catch (thrown) {
      return outcomeOfError(thrown)
    }
  }

  async #post(id: string, rendered: RenderedRequest, nowMs: number, signal: AbortSignal): Promise<DeliveryOutcome> {
    const deadline = AbortSignal.timeout(this.#options.timeoutMs ?? WEBHOOK_DEFAULTS.timeoutMs)
    const answer = await request(withPath(this.#url, rendered.path), {
      method: 'POST',
      headers: {
        ...this.#options.headers,
        'user-agent': 'tidegauge',
        'content-type': rendered.contentType,
        ...this.#signer?.(id, new Date(nowMs), rendered.body),
      },
      body: rendered.body,
      dispatcher: this.#agent,
      signal: AbortSignal.any([signal, deadline]),
    })
    await answer.body.dump({ limit: ANSWER_BYTES_MAX })
    const retryAfter = answer.headers['retry-after']
    return outcomeOfStatus(answer.statusCode, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, nowMs)
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}

/** A fixed API path goes behind whatever path the receiver is mounted at. */
function withPath(url: URL, path: string | undefined): URL {
  if (path === undefined || url.pathname.endsWith(path)) return url
  const whole = new URL(url)
  whole.pathname = `${url.pathname.replace(/\/$/, '')}${path}`
  return whole
}

function parseUrl({ name, url, allowPrivate }: WebhookOptions): URL {
  const where = `notify.${name}.url`
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

function parseSecrets({ name, secrets }: WebhookOptions): Signer | undefined {
  try {
    return signerOf(secrets ?? [])
  } catch {
    // Neither the secret nor the library's message, which may quote it, belongs in an error.
    throw new TidegaugeError('CONFIG_INVALID', 'is not a signing secret', {
      where: `notify.${name}.secret`,
      hint: 'whsec_ and base64 of 24 to 64 random bytes',
    })
  }
}
