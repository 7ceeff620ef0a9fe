import { crc32c, crc32cJoined } from './crc32c.ts'
import { TidegaugeError } from './errors.ts'

/** Checksums of blobs that a writer has made: a blob that holds one is not summed up over its bytes again. */
const sealed = new WeakMap<Uint8Array, number>()

/** Memory of writers that are done, for the next ones: a checkpoint makes many thousands of them. */
const spare: Uint8Array[] = []
const SPARE = { count: 8, bytes: 8 * 1024 * 1024 }
const NONE = new Uint8Array(0)

/**
 * The envelope of every snapshot: magic (4 ASCII characters), version (u16), body, CRC-32C over all that comes before.
 * Little-endian throughout. Numbers keep their bits: NaN payloads and -0 survive.
 */
export class BinaryWriter {
  #bytes: Uint8Array
  #view: DataView
  #at = 0
  /** Checksum of what comes before `#summedTo`. */
  #sum = 0
  #summedTo = 0

  constructor(magic: string, version: number, capacityBytes = 1024) {
    this.#bytes = spare.pop() ?? new Uint8Array(Math.max(64, capacityBytes))
    this.#view = new DataView(this.#bytes.buffer)
    for (let i = 0; i < 4; i++) this.u8(magic.charCodeAt(i))
    this.u16(version)
  }

  #room(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }

  u8(value: number): void {
    this.#room(1)
    this.#bytes[this.#at++] = value
  }

  u16(value: number): void {
    this.#room(2)
    this.#view.setUint16(this.#at, value, true)
    this.#at += 2
  }

  u32(value: number): void {
    this.#room(4)
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
  }

  f64(value: number): void {
    this.#room(8)
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
  }

  bool(value: boolean): void {
    this.u8(value ? 1 : 0)
  }

  /** UTF-8, length first. */
  text(value: string): void {
    this.bytes(new TextEncoder().encode(value))
  }

  /** Length (u32) and the bytes. */
  bytes(value: Uint8Array): void {
    this.u32(value.length)
    this.#room(value.length)
    this.#bytes.set(value, this.#at)
    const known = sealed.get(value)
    if (known !== undefined) {
      this.#sum = crc32cJoined(this.#summed(), known, value.length)
      this.#summedTo = this.#at + value.length
    }
    this.#at += value.length
  }

  /** Of everything that was written so far. */
  #summed(): number {
    const rest = crc32c(this.#bytes, this.#summedTo, this.#at)
    this.#sum = crc32cJoined(this.#sum, rest, this.#at - this.#summedTo)
    this.#summedTo = this.#at
    return this.#sum
  }

  /** A typed array's length in bytes and its memory, as it is (little-endian machines only, as all that Node runs on). */
  array(value: ArrayBufferView): void {
    this.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  }

  /** Appends the checksum and gives the bytes; the writer is done. */
  finish(): Uint8Array {
    this.u32(this.#summed())
    const blob = this.#bytes.slice(0, this.#at)
    sealed.set(blob, this.#summed())
    if (spare.length < SPARE.count && this.#bytes.length <= SPARE.bytes) spare.push(this.#bytes)
    this.#bytes = NONE
    return blob
  }
}

const utf8 = new TextDecoder()

/** Views of checked blobs: their checksum covers them, and nested snapshots need not be read through twice. */
const covered = new WeakSet<Uint8Array>()

/** Reads what BinaryWriter wrote; throws SNAPSHOT_INVALID or SNAPSHOT_VERSION, naming `where`, before anything is used. */
export class BinaryReader {
  readonly version: number
  readonly #bytes: Uint8Array
  readonly #data: DataView
  readonly #where: string
  readonly #end: number
  #at = 6

  constructor(bytes: Uint8Array, magic: string, newestVersion: number, where = 'snapshot') {
    // Node's Buffer is a Uint8Array whose slice shares memory: a plain view of it copies, as `bytes` promises.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#where = where
    this.#end = bytes.length - 4
    if (bytes.length < 10) this.#fail(`is ${bytes.length} bytes long: cut short`)
    const found = String.fromCharCode(...bytes.subarray(0, 4))
    if (found !== magic) this.#fail(`does not begin with ${magic}`)
    this.version = this.#data.getUint16(4, true)
    if (this.version > newestVersion || this.version === 0) {
      throw new TidegaugeError(
        'SNAPSHOT_VERSION',
        `version ${this.version} is not known here (newest ${newestVersion})`,
        {
          where,
          hint: 'run the version of Tidegauge that wrote it, or a newer one',
        },
      )
    }
    if (!covered.has(bytes) && crc32c(bytes, 0, this.#end) !== this.#data.getUint32(this.#end, true))
      this.#fail('checksum does not match: cut short or damaged')
  }

  #fail(what: string): never {
    throw new TidegaugeError('SNAPSHOT_INVALID', what, { where: this.#where })
  }

  #take(count: number): number {
    if (this.#at + count > this.#end) this.#fail(`ends at byte ${this.#end}, ${count} more expected at ${this.#at}`)
    const at = this.#at
    this.#at += count
    return at
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!
  }

  u16(): number {
    return this.#data.getUint16(this.#take(2), true)
  }

  u32(): number {
    return this.#data.getUint32(this.#take(4), true)
  }

  f64(): number {
    return this.#data.getFloat64(this.#take(8), true)
  }

  bool(): boolean {
    return this.u8() === 1
  }

  text(): string {
    return utf8.decode(this.#view())
  }

  /** A copy, so that the snapshot's memory can be let go. */
  bytes(): Uint8Array {
    return this.#view().slice()
  }

  /** A snapshot in this one, where it lies: to be read at once, for as long as it is held, all of this one is. */
  nested(): Uint8Array {
    const view = this.#view()
    covered.add(view)
    return view
  }

  #view(): Uint8Array {
    const length = this.u32()
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  f64Array(): Float64Array {
    return new Float64Array(this.bytes().buffer)
  }

  f32Array(): Float32Array {
    return new Float32Array(this.bytes().buffer)
  }

  /** Fills an array of the size of the one that was written. */
  into(out: ArrayBufferView): void {
    const view = this.#view()
    if (view.length !== out.byteLength) this.#fail(`holds ${view.length} bytes where ${out.byteLength} belong`)
    new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(view)
  }

  /** True when everything was read. */
  atEnd(): boolean {
    return this.#at === this.#end
  }
}
