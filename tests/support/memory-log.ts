import type { LogPlace, StateLog, StoredBlob, TopicPartition } from '../../src/runtime/ports.ts'

/** A StateLog in memory: records of each partition, one a blob, which a test can look at and damage. */
export class MemoryLog implements StateLog {
  readonly records = new Map<string, { readonly name: string; bytes: Uint8Array | undefined }[]>()

  #log({ topic, partition }: TopicPartition) {
    const name = `${topic}-${partition}`
    const log = this.records.get(name) ?? []
    this.records.set(name, log)
    return log
  }

  async append(to: TopicPartition, name: string, bytes: Uint8Array): Promise<LogPlace> {
    const log = this.#log(to)
    log.push({ name, bytes: bytes.slice() })
    const at = BigInt(log.length - 1)
    return { first: at, last: at }
  }

  async read(from: TopicPartition, name: string, { first }: LogPlace): Promise<Uint8Array | undefined> {
    const record = this.#log(from)[Number(first)]
    return record?.name === name ? record.bytes?.slice() : undefined
  }

  async strays(from: TopicPartition, prefix: string, after: bigint): Promise<readonly StoredBlob[]> {
    const behind = this.#log(from).slice(Number(after) + 1)
    return behind.flatMap(({ name, bytes }) =>
      bytes !== undefined && name.startsWith(prefix) ? [{ name, bytes: bytes.length }] : [],
    )
  }

  async remove(from: TopicPartition, blobs: readonly StoredBlob[]): Promise<void> {
    const gone = new Set(blobs.map(({ name }) => name))
    for (const record of this.#log(from)) if (gone.has(record.name)) record.bytes = undefined
  }

  /** Names of what was not removed. */
  names(): string[] {
    const all = [...this.records.values()].flat()
    return all.filter(({ bytes }) => bytes !== undefined).map(({ name }) => name)
  }
}
