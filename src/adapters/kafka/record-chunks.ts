import type { IHeaders, Message, TopicMessages } from 'kafkajs'
import type { OutputRecord, RecordHeaders } from '../../runtime/ports.ts'

/**
 * Bytes of records in one request. The client puts all that a request has for a partition into one batch, and a broker
 * refuses a batch of more than 1 MiB by default. It also groups them by partition in time that grows with the square
 * of their number, so many small requests are faster than few large ones.
 */
const CHUNK_BYTES = 256 * 1024
/** Length, offset, timestamp and attributes of a record, at most. */
const RECORD_OVERHEAD_BYTES = 32

/** Cuts records into requests of bounded size, keeping their order within each topic and so within each partition. */
export function* chunkRecords(records: readonly OutputRecord[], chunkBytes = CHUNK_BYTES): Generator<TopicMessages[]> {
  let byTopic = new Map<string, Message[]>()
  let bytes = 0
  for (const record of records) {
    const size = recordBytes(record)
    if (bytes > 0 && bytes + size > chunkBytes) {
      yield toTopicMessages(byTopic)
      byTopic = new Map()
      bytes = 0
    }
    const messages = byTopic.get(record.topic)
    if (messages === undefined) byTopic.set(record.topic, [toMessage(record)])
    else messages.push(toMessage(record))
    bytes += size
  }
  if (bytes > 0) yield toTopicMessages(byTopic)
}

function toTopicMessages(byTopic: ReadonlyMap<string, Message[]>): TopicMessages[] {
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }))
}

function toMessage({ key, value, partition, headers, timestampMs }: OutputRecord): Message {
  const bytes =
    value === null || typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.length)
  const message: Message = { key, value: bytes }
  if (partition !== undefined) message.partition = partition
  if (headers !== undefined) message.headers = toHeaders(headers)
  if (timestampMs !== undefined) message.timestamp = String(timestampMs)
  return message
}

/** What was read is passed on as it is: then it is the client's own. */
function toHeaders(headers: RecordHeaders): IHeaders {
  return { ...(headers as IHeaders) }
}

function headerBytes(value: RecordHeaders[string]): number {
  if (value === undefined) return 0
  if (typeof value === 'string') return textBytes(value)
  return value instanceof Uint8Array ? value.length : value.reduce((sum, one) => sum + headerBytes(one), 0)
}

/** About its size in a request. */
function recordBytes({ key, value, headers }: OutputRecord): number {
  let bytes =
    RECORD_OVERHEAD_BYTES + textBytes(key) + (typeof value === 'string' ? textBytes(value) : (value?.length ?? 0))
  for (const name in headers) bytes += name.length + headerBytes(headers[name]) + 4
  return bytes
}

const textBytes = (text: string | null) => (text === null ? 0 : Buffer.byteLength(text))
