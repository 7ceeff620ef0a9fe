import type { DeliveryOutcome } from './notifier.ts'

export interface PostRequest {
  readonly body: Uint8Array | string
  /** Beside those that the receiver was configured with. */
  readonly headers: Readonly<Record<string, string>>
  /** Behind the path that the receiver is mounted at. */
  readonly path?: string | undefined
}

/** What came of a request; `text` is how the answer's body begins. */
export type PostAnswer = DeliveryOutcome & { readonly text: string }

/** POSTs to a receiver that is configured. Never rejects. */
export type PostBytes = (request: PostRequest, signal: AbortSignal) => Promise<PostAnswer>
