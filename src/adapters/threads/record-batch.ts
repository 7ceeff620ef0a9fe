import type { InputRecord, RecordBatch } from '../../runtime/ports.ts'

const ABSENT = -1

/** The records of one batch in four buffers, which move between threads without being copied. */
export interface PackedBatch {
  readonly topic: string
  readonly partition: number
  readonly endOffset: bigint
  readonly offsets: BigInt64Array<ArrayBuffer>
  readonly timestamps: Float64Array<ArrayBuffer>
  /** Two a record, of its key and of its value; -1 for none. */
  readonly lengths: Int32Array<ArrayBuffer>
  /** Keys and values, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Copies the records once: what was fetched is a part of the client's own buffers, which cannot be given away. */
export function packBatch({ topic, partition, endOffset, records }: RecordBatch): PackedBatch {
  let size = 0
  for (const { key, value } of records) size += (key?.length ?? 0) + (value?.length ?? 0)
  const bytes = new Uint8Array(size)
  const offsets = new BigInt64Array(records.length)
  const timestamps = new Float64Array(records.length)
  const lengths = new Int32Array(2 * records.length)
  let at = 0
  const put = (part: Uint8Array | null, place: number) => {
    lengths[place] = part?.length ?? ABSENT
    if (part === null) return
    bytes.set(part, at)
    at += part.length
  }
  for (let i = 0; i < records.length; i++) {
    const record = records[i]
    if (record === undefined) continue
    offsets[i] = record.offset
    timestamps[i] = record.timestampMs
    put(record.key, 2 * i)
    put(record.value, 2 * i + 1)
  }
  return { topic, partition, endOffset, offsets, timestamps, lengths, bytes }
}

export function buffersOf({ offsets, timestamps, lengths, bytes }: PackedBatch): ArrayBuffer[] {
  return [offsets.buffer, timestamps.buffer, lengths.buffer, bytes.buffer]
}

export function unpackBatch(packed: PackedBatch): RecordBatch {
  const { topic, partition, endOffset, offsets, timestamps, lengths, bytes } = packed
  const records: InputRecord[] = []
  let at = 0
  const next = (length: number): Uint8Array | null => {
    if (length === ABSENT) return null
    at += length
    return bytes.subarray(at - length, at)
  }
  for (let i = 0; i < offsets.length; i++) {
    const key = next(lengths[2 * i] ?? ABSENT)
    const value = next(lengths[2 * i + 1] ?? ABSENT)
    records.push({ offset: offsets[i] ?? 0n, timestampMs: timestamps[i] ?? 0, key, value })
  }
  return { topic, partition, endOffset, records }
}
