import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '../../src/adapters/kafka/client.ts'
import { KafkaPublisher } from '../../src/adapters/kafka/publisher.ts'
import { Fleet, fleetRecord } from '../../src/cli/demo/fleet.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import type { OutputRecord } from '../../src/runtime/ports.ts'

const INTERVAL_MS = 60_000
const FROM_MS = Date.parse('2026-03-02T00:00:00Z')
const BACKLOG_CHUNK = 5_000
/** A period's samples are spread over so many publications. */
const SLICES = 150
const SLICE_MS = 100

/** A fleet whose samples come as fast as they can, and from then on a minute of event time every 15 seconds. */
export class LiveFleet {
  readonly #publisher: KafkaPublisher
  readonly #topic: string
  readonly #partitions: number
  readonly #fleet: Fleet
  readonly #partitionOf = new Map<string, number>()
  #nowMs = FROM_MS
  #stopped = false
  #publishing: Promise<void> = Promise.resolve()

  constructor(options: { brokers: readonly string[]; topic: string; series: number; partitions: number }) {
    const kafka = createClient({ brokers: options.brokers, clientId: 'fleet' }, silentLogger)
    this.#publisher = new KafkaPublisher({ kafka })
    this.#topic = options.topic
    this.#partitions = options.partitions
    this.#fleet = new Fleet({ size: options.series, intervalMs: INTERVAL_MS })
    // In turn, so that every partition has the same number.
    for (const [i, { key }] of this.#fleet.series.entries()) this.#partitionOf.set(key, i % this.#partitions)
  }

  /** The samples of the next period. */
  #period(): OutputRecord[] {
    const toMs = this.#nowMs + INTERVAL_MS
    const records = [...this.#fleet.samples(this.#nowMs, toMs)].map((sample) => {
      const { key } = sample.series
      return { topic: this.#topic, key, partition: this.#partitionOf.get(key) ?? 0, value: fleetRecord(sample) }
    })
    this.#nowMs = toMs
    return records
  }

  async backlog(periods: number): Promise<void> {
    for (let period = 0; period < periods; period++) {
      const records = this.#period()
      for (let from = 0; from < records.length; from += BACKLOG_CHUNK)
        await this.#publisher.publish(records.slice(from, from + BACKLOG_CHUNK))
    }
  }

  start(): void {
    this.#publishing = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const records = this.#period()
      const size = Math.ceil(records.length / SLICES)
      for (let from = 0; from < records.length && !this.#stopped; from += size) {
        await this.#publisher.publish(records.slice(from, from + size))
        await sleep(SLICE_MS)
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#publishing
    await this.#publisher.close()
  }
}
