import { AT, ATTRIBUTE, HEAD_BYTES, MAGIC, PREFIX_BYTES } from './batch-format.ts'

/** What the records of one batch share, as the client names it. */
interface BatchContext {
  readonly firstOffset: string
  readonly firstTimestamp: string
  readonly partitionLeaderEpoch: number
  readonly inTransaction: boolean
  readonly isControlBatch: boolean
  readonly lastOffsetDelta: number
  readonly producerId: string
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly maxTimestamp: string
  readonly timestampType: number
  readonly magicByte: number
}

type HeaderValue = Buffer | null

/** A record as the client's consumers look at it. */
export interface FetchedRecord {
  readonly magicByte: number
  readonly attributes: number
  readonly timestamp: string
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>
  isControlRecord: boolean
  readonly batchContext: BatchContext
}

/** Of compressed records; null: they are not. */
export type CodecOf = (attributes: number) => { decompress(bytes: Buffer): Promise<Buffer> } | null

const NO_HEADERS = Object.freeze({})

/**
 * Decodes batches of Kafka's message format 2. The last one may be cut off: it is fetched again. The client's own decoder
 * makes several objects of each field of each record, which costs more than all that is done with a record afterwards.
 */
export async function decodeBatches(bytes: Buffer, codecOf: CodecOf): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = []
  for (let at = 0; bytes.length - at >= HEAD_BYTES; ) {
    const end = at + PREFIX_BYTES + bytes.readInt32BE(at + AT.length)
    if (end > bytes.length) break
    await decodeBatch(bytes.subarray(at, end), codecOf, records)
    at = end
  }
  return records
}

async function decodeBatch(batch: Buffer, codecOf: CodecOf, to: FetchedRecord[]): Promise<void> {
  const attributes = batch.readInt16BE(AT.attributes)
  const count = batch.readInt32BE(AT.count)
  if (count <= 0) return
  const stored = batch.subarray(HEAD_BYTES)
  const codec = codecOf(attributes)
  const reader = new RecordReader(codec === null ? stored : await codec.decompress(stored))
  const context = contextOf(batch, attributes)
  const [firstOffset, firstMs] = [Number(context.firstOffset), Number(context.firstTimestamp)]
  const fixedTime = context.timestampType === 1 ? context.maxTimestamp : undefined
  for (let i = 0; i < count; i++) to.push(reader.record(context, firstOffset, firstMs, fixedTime))
}

function contextOf(batch: Buffer, attributes: number): BatchContext {
  return {
    firstOffset: String(batch.readBigInt64BE(AT.firstOffset)),
    firstTimestamp: String(batch.readBigInt64BE(AT.firstTimestamp)),
    partitionLeaderEpoch: batch.readInt32BE(AT.leaderEpoch),
    inTransaction: (attributes & ATTRIBUTE.transactional) > 0,
    isControlBatch: (attributes & ATTRIBUTE.control) > 0,
    lastOffsetDelta: batch.readInt32BE(AT.lastOffsetDelta),
    producerId: String(batch.readBigInt64BE(AT.producerId)),
    producerEpoch: batch.readInt16BE(AT.producerEpoch),
    firstSequence: batch.readInt32BE(AT.firstSequence),
    maxTimestamp: String(batch.readBigInt64BE(AT.maxTimestamp)),
    timestampType: (attributes & ATTRIBUTE.logAppendTime) > 0 ? 1 : 0,
    magicByte: MAGIC,
  }
}

class RecordReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  record(context: BatchContext, firstOffset: number, firstMs: number, fixedTime: string | undefined): FetchedRecord {
    const length = this.#varint()
    const end = this.#at + length
    const attributes = this.#bytes.readInt8(this.#at++)
    const afterMs = this.#varint()
    const offset = this.#varint()
    const record = {
      magicByte: MAGIC,
      attributes,
      timestamp: fixedTime ?? String(firstMs + afterMs),
      offset: String(firstOffset + offset),
      key: this.#sized(),
      value: this.#sized(),
      headers: this.#headers(),
      isControlRecord: context.isControlBatch,
      batchContext: context,
    }
    this.#at = end
    return record
  }

  /** Zigzag: 0, -1, 1, -2, ... */
  #varint(): number {
    let zigzag = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes.readUInt8(this.#at++)
      zigzag += (byte & 127) * unit
      if (byte < 128) break
    }
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
  }

  #sized(): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #headers(): FetchedRecord['headers'] {
    const count = this.#varint()
    if (count <= 0) return NO_HEADERS
    const headers = new Map<string, HeaderValue | readonly HeaderValue[]>()
    for (let i = 0; i < count; i++) {
      const name = this.#sized()?.toString() ?? ''
      const value = this.#sized()
      const before = headers.get(name)
      // A name that comes more than once has a list.
      if (before === undefined) headers.set(name, value)
      else headers.set(name, before === null || Buffer.isBuffer(before) ? [before, value] : [...before, value])
    }
    return Object.fromEntries(headers)
  }
}
