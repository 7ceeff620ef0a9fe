import { AT, MAGIC } from './batch-format.ts'
import { clientPart, exchangePart } from './client-parts.ts'
import { type CodecOf, decodeBatches } from './fetched-batches.ts'

/** The client's place in an answer. */
interface Decoder {
  readonly buffer: Buffer
  offset: number
}

type DecodeMessages = (decoder: Decoder) => Promise<readonly object[]>

/** Used by every version of the fetch answer since record batches came, Apache Kafka 0.11. */
const DECODE_MESSAGES = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js'
const COMPRESSION = 'kafkajs/src/protocol/message/compression/index.js'

/** Lets the client's answers be decoded by us, once a process. Messages of formats before 2 stay the client's own. */
export function decodeFetchedBatches(): void {
  const { lookupCodecByAttributes } = clientPart<{ readonly lookupCodecByAttributes: CodecOf }>(COMPRESSION)
  exchangePart<DecodeMessages>(DECODE_MESSAGES, (theirs) => async (decoder) => {
    const { buffer, offset } = decoder
    const start = offset + 4
    const end = start + buffer.readInt32BE(offset)
    if (end > buffer.length || end <= start + AT.magic || buffer[start + AT.magic] !== MAGIC) return theirs(decoder)
    decoder.offset = end
    return decodeBatches(buffer.subarray(start, end), lookupCodecByAttributes)
  })
}
