/** Eight tables of 256, one after another: TABLES[k x 256 + b] is byte b followed by k zero bytes. */
const TABLES = new Uint32Array(8 * 256)
for (let n = 0; n < 256; n++) {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
  TABLES[n] = c >>> 0
}
for (let n = 256; n < TABLES.length; n++) {
  const before = TABLES[n - 256]!
  TABLES[n] = TABLES[before & 0xff]! ^ (before >>> 8)
}

/**
 * CRC-32C (Castagnoli), the checksum that Kafka's record batches use too. Eight bytes a step (Kounavis and Berry 2005,
 * "slicing-by-8"): snapshots are checked whenever they are written or read.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const t = TABLES
  let crc = 0xffffffff
  let i = start
  for (; i + 8 <= end; i += 8) {
    const low = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    crc =
      t[1792 + (low & 0xff)]! ^
      t[1536 + ((low >>> 8) & 0xff)]! ^
      t[1280 + ((low >>> 16) & 0xff)]! ^
      t[1024 + (low >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!
  }
  for (; i < end; i++) crc = t[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

const POLYNOMIAL = 0x82f63b78
/** x to the power of 2^k, modulo the polynomial; bits reflected, as in the checksum itself. */
const POWERS = new Uint32Array(36)
POWERS[0] = 0x40000000
for (let k = 1; k < POWERS.length; k++) POWERS[k] = product(POWERS[k - 1]!, POWERS[k - 1]!)

function product(a: number, b: number): number {
  let sum = 0
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) sum ^= b
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1
  }
  return sum >>> 0
}

/**
 * The checksum of two runs of bytes, one behind the other, from the checksum of each and the second's length (Adler's
 * crc32_combine): what is checked already need not be read again.
 */
export function crc32cJoined(first: number, second: number, secondLength: number): number {
  let shifted = first
  for (let length = secondLength, k = 3; length > 0; length >>>= 1, k++) {
    if (length & 1) shifted = product(POWERS[k]!, shifted)
  }
  return (shifted ^ second) >>> 0
}
