import type { AlarmEvent } from '../../alarm/alarm-event.ts'
import type { Clock } from '../../core/clock.ts'
import { TidegaugeError } from '../../core/errors.ts'
import type { DeliveryOutcome, Notifier } from '../../runtime/notifier.ts'
import { OutboundHttp } from './outbound-http.ts'
import type { RenderedRequest, Renderer } from './render/renderer.ts'
import { type Signer, signerOf } from './signature.ts'

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

/**
 * A channel that POSTs each event to a URL, in the body that `render` makes, signed by Standard Webhooks when there is
 * a secret. URL paths, headers and secrets are credentials with many receivers, so no error or outcome repeats them.
 */
export class WebhookNotifier implements Notifier {
  readonly #options: WebhookOptions
  readonly #signer: Signer | undefined
  readonly #http: OutboundHttp

  /** Throws CONFIG_INVALID on a URL or a secret that is none. */
  constructor(options: WebhookOptions) {
    this.#options = options
    this.#http = new OutboundHttp({ ...options, where: `notify.${options.name}.url` })
    this.#signer = parseSecrets(options)
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
    const { body, path, contentType } = rendered
    const headers = { 'content-type': contentType, ...this.#signer?.(event.id, new Date(nowMs), body) }
    const { text: _, ...outcome } = await this.#http.post({ body, path, headers }, signal)
    return outcome
  }

  async close(): Promise<void> {
    await this.#http.close()
  }
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
