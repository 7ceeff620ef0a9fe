import { createRequire } from 'node:module'
import { type CodecOf, decodeBatches, MAGIC, MAGIC_AT } from './fetched-batches.ts'

/** The client's place in an answer. */
interface Decoder {
  readonly buffer: Buffer
  offset: number
}

type DecodeMessages = (decoder: Decoder) => Promise<readonly object[]>

/** Used by every version of the fetch answer since record batches came, Apache Kafka 0.11. */
const DECODE_MESSAGES = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js'
const COMPRESSION = 'kafkajs/src/protocol/message/compression/index.js'

let installed = false

/**
 * Lets the client's answers be decoded by us, once a process. Its parts are not made to be exchanged: this reaches
 * inside, and has to come before an answer is first looked up. Messages of formats before 2 stay the client's own.
 */
export function decodeFetchedBatches(): void {
  if (installed) return
  installed = true
  const require = createRequire(import.meta.url)
  const theirs = require(DECODE_MESSAGES) as DecodeMessages
  const { lookupCodecByAttributes } = require(COMPRESSION) as { readonly lookupCodecByAttributes: CodecOf }
  const loaded = require.cache[require.resolve(DECODE_MESSAGES)]
  if (loaded === undefined) return
  loaded.exports = async (decoder: Decoder) => {
    const { buffer, offset } = decoder
    const start = offset + 4
    const end = start + buffer.readInt32BE(offset)
    if (end > buffer.length || end <= start + MAGIC_AT || buffer[start + MAGIC_AT] !== MAGIC) return theirs(decoder)
    decoder.offset = end
    return decodeBatches(buffer.subarray(start, end), lookupCodecByAttributes)
  }
}
