import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface ReceivedWebhook {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The body as the receiver's library gives it after checking the signature; undefined when the check failed. */
  readonly verified: unknown
}

/** What to answer to the nth request (from 1); `hang` never answers. */
export type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'hang'

/** A receiver on a real socket of this machine that checks signatures as receivers do. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = []
  readonly #server = createServer()
  readonly #hanging: ServerResponse[] = []

  static async start(secret: string, answer: (number: number) => Answer): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver()
    const webhook = new Webhook(secret)
    receiver.#server.on('request', async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const body = Buffer.concat(chunks).toString('utf8')
      const headers = request.headers
      receiver.received.push({ path: request.url ?? '', headers, body, verified: verify(webhook, body, headers) })
      const chosen = answer(receiver.received.length)
      if (chosen === 'hang') return receiver.#hanging.push(response)
      return response.writeHead(chosen.status, chosen.headers).end('answer')
    })
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`
  }

  async stop(): Promise<void> {
    for (const response of this.#hanging) response.destroy()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

function verify(webhook: Webhook, body: string, headers: IncomingHttpHeaders): unknown {
  try {
    return webhook.verify(body, headers as Record<string, string>)
  } catch {
    return undefined
  }
}
