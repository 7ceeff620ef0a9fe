import type { IHeaders, Message } from 'kafkajs'
import { crc32c } from '../../core/crc32c.ts'
import { AT, ATTRIBUTE, HEAD_BYTES, MAGIC, PREFIX_BYTES } from './batch-format.ts'

/** What of a batch is not in its records. */
export interface BatchFields {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly transactional: boolean
  /** Of records that bring no time of their own, ms. */
  readonly nowMs: number
}

/**
 * Encodes records as a batch of Kafka's message format 2, in one buffer that is measured before it is filled. The
 * client's own encoder takes two buffers for every record and copies each several times, which costs more than all that
 * makes the record.
 */
export function encodeRecordBatch(messages: readonly Message[], fields: BatchFields): Buffer {
  const times = messages.map(({ timestamp }) => (timestamp ? Number(timestamp) : fields.nowMs))
  const firstMs = times.reduce((least, ms) => Math.min(least, ms), times[0] ?? fields.nowMs)
  const lastMs = times.reduce((most, ms) => Math.max(most, ms), firstMs)
  const bodies = messages.map((message, i) => bodyBytes(message, i, (times[i] ?? firstMs) - firstMs))
  const records = bodies.reduce((sum, bytes) => sum + varintBytes(2 * bytes) + bytes, 0)
  const batch = Buffer.allocUnsafe(HEAD_BYTES + records)
  let at = HEAD_BYTES
  messages.forEach((message, i) => {
    at = writeVarint(batch, at, bodies[i] ?? 0)
    at = writeBody(batch, at, message, i, (times[i] ?? firstMs) - firstMs)
  })
  writeHead(batch, messages.length, { firstMs, lastMs }, fields)
  return batch
}

function writeHead(
  batch: Buffer,
  count: number,
  { firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number },
  { producerId, producerEpoch, firstSequence, transactional }: BatchFields,
): void {
  batch.fill(0, 0, AT.attributes)
  batch.writeInt32BE(batch.length - PREFIX_BYTES, AT.length)
  batch[AT.magic] = MAGIC
  batch.writeInt16BE(transactional ? ATTRIBUTE.transactional : 0, AT.attributes)
  batch.writeInt32BE(count - 1, AT.lastOffsetDelta)
  batch.writeBigInt64BE(BigInt(firstMs), AT.firstTimestamp)
  batch.writeBigInt64BE(BigInt(lastMs), AT.maxTimestamp)
  batch.writeBigInt64BE(producerId, AT.producerId)
  batch.writeInt16BE(producerEpoch, AT.producerEpoch)
  batch.writeInt32BE(firstSequence, AT.firstSequence)
  batch.writeInt32BE(count, AT.count)
  batch.writeUInt32BE(crc32c(batch, AT.attributes), AT.checksum)
}

type Bytes = Buffer | string | null | undefined

function bodyBytes({ key, value, headers }: Message, offset: number, afterMs: number): number {
  const fixed = 1 + varintBytes(2 * afterMs) + varintBytes(2 * offset)
  return fixed + sizedBytes(key) + sizedBytes(value) + headersBytes(headers)
}

function writeBody(
  to: Buffer,
  from: number,
  { key, value, headers }: Message,
  offset: number,
  afterMs: number,
): number {
  to[from] = 0
  let at = writeVarint(to, from + 1, afterMs)
  at = writeVarint(to, at, offset)
  at = writeSized(to, at, key)
  at = writeSized(to, at, value)
  return writeHeaders(to, at, headers)
}

/** A header's value is one or several. */
const valuesOf = (value: IHeaders[string]): readonly Bytes[] => (Array.isArray(value) ? value : [value])

function headersBytes(headers: IHeaders | undefined): number {
  let count = 0
  let bytes = 0
  for (const name in headers) {
    for (const value of valuesOf(headers[name])) {
      count++
      bytes += sizedBytes(name) + sizedBytes(value)
    }
  }
  return varintBytes(2 * count) + bytes
}

function writeHeaders(to: Buffer, from: number, headers: IHeaders | undefined): number {
  let count = 0
  for (const name in headers) count += valuesOf(headers[name]).length
  let at = writeVarint(to, from, count)
  for (const name in headers) {
    for (const value of valuesOf(headers[name])) at = writeSized(to, writeSized(to, at, name), value)
  }
  return at
}

const lengthOf = (part: string | Buffer) => (typeof part === 'string' ? Buffer.byteLength(part) : part.length)

/** Bytes of a part behind its length; nothing has the length -1. */
function sizedBytes(part: Bytes): number {
  if (part === null || part === undefined) return 1
  const length = lengthOf(part)
  return varintBytes(2 * length) + length
}

function writeSized(to: Buffer, from: number, part: Bytes): number {
  if (part === null || part === undefined) {
    to[from] = 1
    return from + 1
  }
  const length = lengthOf(part)
  const at = writeVarint(to, from, length)
  if (typeof part !== 'string') part.copy(to, at)
  // Plain ASCII needs no conversion.
  else to.write(part, at, length, part.length === length ? 'latin1' : 'utf8')
  return at + length
}

/** Bytes of a number that is zigzag-encoded already: twice it, when it is not negative. */
function varintBytes(zigzag: number): number {
  let bytes = 1
  for (let rest = zigzag; rest >= 128; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

/** Writes a number that is not negative. */
function writeVarint(to: Buffer, from: number, value: number): number {
  let at = from
  let rest = 2 * value
  for (; rest >= 128; rest = Math.floor(rest / 128)) to[at++] = (rest % 128) | 128
  to[at++] = rest
  return at
}
