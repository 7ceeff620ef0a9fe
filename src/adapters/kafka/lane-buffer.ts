import type { KafkaMessage } from 'kafkajs'

export interface BufferedBatch {
  readonly messages: readonly KafkaMessage[]
  readonly bytes: number
  readonly endOffset: bigint
}

/**
 * Fetched batches of one partition that wait for the consumer. Full above its limit, and again free below half of it,
 * so that fetching is not switched with every batch. The batch in hand counts until it is done.
 */
export class LaneBuffer {
  #batches: BufferedBatch[] = []
  #bytes = 0
  #full = false

  get isFull(): boolean {
    return this.#full
  }

  /** Nothing waits, and nothing is in hand. */
  get isEmpty(): boolean {
    return this.#batches.length === 0 && this.#bytes === 0
  }

  push(messages: readonly KafkaMessage[], endOffset: bigint, bytesMax: number): void {
    const bytes = messages.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0)
    this.#batches.push({ messages, bytes, endOffset })
    this.#bytes += bytes
    if (this.#bytes > bytesMax) this.#full = true
  }

  shift(): BufferedBatch | undefined {
    return this.#batches.shift()
  }

  done(batch: BufferedBatch, bytesMax: number): void {
    this.#bytes = Math.max(0, this.#bytes - batch.bytes)
    if (this.#bytes <= bytesMax / 2) this.#full = false
  }

  clear(): void {
    this.#batches = []
    this.#bytes = 0
    this.#full = false
  }
}
