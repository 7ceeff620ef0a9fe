import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

const BODY_BYTES_MAX = 1024 * 1024

/** One delivery as it came. */
export interface ReceivedWebhook {
  readonly id: string
  /** Whether the signature is that of the secret over exactly this body. */
  readonly verified: boolean
  readonly body: string
}

export interface WebhookReceiver {
  readonly url: string
  stop(): Promise<void>
}

/** A receiver on loopback that checks Standard Webhooks signatures: for the demo, and to try a channel out. */
export async function startWebhookReceiver(
  secret: string,
  onReceived: (webhook: ReceivedWebhook) => void,
): Promise<WebhookReceiver> {
  const webhook = new Webhook(secret)
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        onReceived({
          id: String(request.headers['webhook-id'] ?? ''),
          verified: isSigned(webhook, request, body),
          body,
        })
        response.writeHead(204).end()
      },
      () => response.writeHead(413).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/alerts`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function isSigned(webhook: Webhook, request: IncomingMessage, body: string): boolean {
  try {
    webhook.verify(body, request.headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > BODY_BYTES_MAX) throw new RangeError('the body is too large')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}
