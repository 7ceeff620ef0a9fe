import { BinaryReader, BinaryWriter } from '../../core/binary.ts'

const MAGIC = 'TGDS'
const VERSION = 1

/**
 * One series in the stream: its newest values, the LSTM's state, and the location and scale that the state lives in.
 * Plain data; StreamPredictor moves it.
 */
export class StreamState {
  /** Static categories, as the model's indices. */
  readonly categories: readonly number[]
  /** The newest values, oldest first from `#next`; missing ones filled. */
  readonly #ring: Float64Array
  readonly #observed: Uint8Array
  #next = 0
  #count = 0
  #seen = 0
  /** Time of the newest value. */
  newestMs = Number.NaN
  readonly lstm: Float32Array
  location = 0
  scale = 1
  /** Steps since the state was last built up from zero; negative before the first time. */
  sinceAnchor = -1

  constructor(capacity: number, stateSize: number, categories: readonly number[] = []) {
    this.#ring = new Float64Array(capacity)
    this.#observed = new Uint8Array(capacity)
    this.lstm = new Float32Array(stateSize)
    this.categories = categories
  }

  /** Values that are held, at most the capacity. */
  get length(): number {
    return Math.min(this.#count, this.#ring.length)
  }

  /** Values that can be held. */
  get capacity(): number {
    return this.#ring.length
  }

  /** Observed values since the beginning. */
  get observedCount(): number {
    return this.#seen
  }

  get byteSize(): number {
    return this.#ring.byteLength + this.#observed.byteLength + this.lstm.byteLength
  }

  /** The value `back` steps before the newest (0 is the newest); NaN where none is held. */
  back(back: number): number {
    if (back < 0 || back >= this.length) return Number.NaN
    const at = this.#next - 1 - back
    return this.#ring[at < 0 ? at + this.#ring.length : at]!
  }

  wasObserved(back: number): boolean {
    if (back < 0 || back >= this.length) return false
    const at = this.#next - 1 - back
    return this.#observed[at < 0 ? at + this.#ring.length : at] === 1
  }

  push(timestampMs: number, value: number, observed: boolean): void {
    this.#ring[this.#next] = value
    this.#observed[this.#next] = observed ? 1 : 0
    this.#next = (this.#next + 1) % this.#ring.length
    this.#count++
    if (observed) this.#seen++
    this.newestMs = timestampMs
  }

  /** The held values and their mask in the order of time. */
  history(): { values: Float64Array; observed: Uint8Array } {
    const { length } = this
    const values = new Float64Array(length)
    const observed = new Uint8Array(length)
    // A full ring begins at the place that is written next, any other at 0.
    const from = length === this.#ring.length ? this.#next : 0
    values.set(this.#ring.subarray(from, length))
    values.set(this.#ring.subarray(0, from), length - from)
    observed.set(this.#observed.subarray(from, length))
    observed.set(this.#observed.subarray(0, from), length - from)
    return { values, observed }
  }

  save(): Uint8Array {
    const writer = new BinaryWriter(MAGIC, VERSION, this.byteSize + 128)
    writer.array(Float64Array.from(this.categories))
    writer.array(this.#ring)
    writer.array(this.#observed)
    writer.array(this.lstm)
    for (const value of [this.#next, this.#count, this.#seen, this.newestMs]) writer.f64(value)
    for (const value of [this.location, this.scale, this.sinceAnchor]) writer.f64(value)
    return writer.finish()
  }

  /** Throws SNAPSHOT_INVALID or SNAPSHOT_VERSION, naming `where`. */
  static restore(bytes: Uint8Array, where: string): StreamState {
    const reader = new BinaryReader(bytes, MAGIC, VERSION, where)
    const categories = reader.f64Array()
    const ring = reader.f64Array()
    const observed = reader.bytes()
    const lstm = reader.f32Array()
    const state = new StreamState(ring.length, lstm.length, [...categories])
    state.#ring.set(ring)
    state.#observed.set(observed)
    state.lstm.set(lstm)
    state.#next = reader.f64()
    state.#count = reader.f64()
    state.#seen = reader.f64()
    state.newestMs = reader.f64()
    state.location = reader.f64()
    state.scale = reader.f64()
    state.sinceAnchor = reader.f64()
    return state
  }
}
