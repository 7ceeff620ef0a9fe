import { decompress as decompressZstd } from 'fzstd'
import kafkajs from 'kafkajs'
import { compressFrame, decompressFrame } from 'lz4-napi'
import { compress, uncompress } from 'snappy'

// A CommonJS package: not all of its exports can be imported by name.
const { CompressionCodecs, CompressionTypes } = kafkajs

/** What the client hands to a codec for compression. */
interface Encoder {
  readonly buffer: Buffer
}

interface Codec {
  compress(encoder: Encoder): Promise<Buffer>
  decompress(compressed: Buffer): Promise<Buffer>
}

/** The Java client frames snappy in blocks behind this header; librdkafka's producers send one bare block. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16

const snappy: Codec = {
  compress: ({ buffer }) => compress(buffer),
  decompress: async (compressed) => {
    if (!compressed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return uncompressBlock(compressed)
    const blocks: Promise<Buffer>[] = []
    for (let at = XERIAL_HEADER_BYTES; at < compressed.length; ) {
      const end = at + 4 + compressed.readUInt32BE(at)
      if (end > compressed.length) throw new Error(`a snappy block ends at ${end} of ${compressed.length} bytes`)
      blocks.push(uncompressBlock(compressed.subarray(at + 4, end)))
      at = end
    }
    return Buffer.concat(await Promise.all(blocks))
  },
}

async function uncompressBlock(block: Buffer): Promise<Buffer> {
  const plain = await uncompress(block)
  return typeof plain === 'string' ? Buffer.from(plain) : plain
}

const lz4: Codec = {
  compress: ({ buffer }) => compressFrame(buffer),
  decompress: (compressed) => decompressFrame(compressed),
}

const zstd: Codec = {
  compress: async () => {
    throw new Error('zstd is read only: choose gzip, snappy or lz4 for what is written')
  },
  decompress: async (compressed) => Buffer.from(decompressZstd(compressed)),
}

/** Teaches the client the codecs that producers use and that it does not bring: snappy, lz4, zstd. Idempotent. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => snappy
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd
}
