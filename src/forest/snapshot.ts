import { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { ForestSlot } from './forest-slot.ts'
import { type ForestSettings, forestSettings } from './options.ts'
import { type ForestShape, forestShape } from './shape.ts'

const MAGIC = 'TGRF'
const VERSION = 1
/** Bytes of a slot's header that are state: see kernel/layout.ts. */
const HEADER_BYTES = 32
const PERIODS = 0
const CURRENT_BLOCK = 4
const LEARNED = 28

/** What a forest holds outside its slot. */
export interface ForestState {
  readonly settings: ForestSettings
  readonly shape: ForestShape
  /** First value of each input, NaN before it came. */
  readonly origin: Float64Array
  /** Ranges of periods that were never learned or were unlearned: pairs of first and end. */
  readonly unlearned: readonly number[]
}

/** Writes a forest: settings, then what the kernel encodes. The same behaviour to come gives the same bytes. */
export function encodeForest(state: ForestState, slot: ForestSlot): Uint8Array {
  const { settings, shape } = state
  const { at, kernel, layout, pool } = slot
  const length = kernel.encode(at)
  const writer = new BinaryWriter(MAGIC, VERSION, length + settings.trees * 4 + 1_024)
  writer.u16(settings.inputs)
  writer.u16(settings.shingleSize)
  writer.u16(settings.trees)
  writer.u16(settings.sampleSize)
  writer.u32(settings.outputAfter)
  writer.f64(settings.timeDecay)
  writer.f64(settings.seed)
  writer.f64(settings.initialAcceptFraction)
  writer.u8(shape.blockLog)
  writer.u32(shape.maxBlocks)
  writer.array(state.origin)
  writer.array(Float64Array.from(state.unlearned))
  // Which block is the current one is a matter of numbering; the body says it in its own.
  writer.bytes(pool.u8.slice(at, at + HEADER_BYTES).fill(0, CURRENT_BLOCK, CURRENT_BLOCK + 4))
  writer.bytes(pool.u8.subarray(at + layout.metaAt, at + layout.metaAt + settings.trees * 4))
  writer.bytes(pool.u8.subarray(layout.codecAt, layout.codecAt + length))
  return writer.finish()
}

/** What a snapshot holds, and what it takes to make a forest of it. */
interface DecodedForest extends ForestState {
  /** Shingles learned and periods taken in, for which the slot must have room. */
  readonly learned: number
  readonly periods: number
  fill(slot: ForestSlot): void
}

/** Reads all of a snapshot before anything is made of it. */
export function decodeForest(bytes: Uint8Array): DecodedForest {
  const reader = new BinaryReader(bytes, MAGIC, VERSION, 'forest snapshot')
  const inputs = reader.u16()
  const shingleSize = reader.u16()
  const trees = reader.u16()
  const sampleSize = reader.u16()
  const outputAfter = reader.u32()
  const timeDecay = reader.f64()
  const seed = reader.f64()
  const initialAcceptFraction = reader.f64()
  const settings = forestSettings({
    inputs,
    shingleSize,
    trees,
    sampleSize,
    outputAfter,
    timeDecay,
    seed,
    initialAcceptFraction,
  })
  const shape = { ...forestShape(settings), blockLog: reader.u8(), maxBlocks: reader.u32() }
  const origin = reader.f64Array()
  const unlearned = [...reader.f64Array()]
  const header = reader.bytes()
  const meta = reader.bytes()
  const body = reader.nested()
  const whole = origin.length === inputs && header.length === HEADER_BYTES && meta.length === trees * 4
  if (!whole || body.length < 12 || !reader.atEnd()) {
    throw new TidegaugeError('SNAPSHOT_INVALID', 'its parts do not fit its settings', { where: 'forest snapshot' })
  }
  const fill = ({ at, kernel, layout, pool }: ForestSlot) => {
    kernel.initialise(at, 0n)
    const memory = pool.u8
    memory.set(header, at)
    memory.set(meta, at + layout.metaAt)
    memory.set(body, layout.codecAt)
    kernel.decode(at)
  }
  const words = new Uint32Array(header.buffer, header.byteOffset, HEADER_BYTES / 4)
  const learned = words[LEARNED / 4]!
  // A tree holds more than was learned where a range was adopted: it is then taken for full.
  const masses = new Uint16Array(meta.buffer, meta.byteOffset, trees * 2)
  const adopted = masses.some((mass, i) => i % 2 === 0 && mass > learned)
  return {
    settings,
    shape,
    origin,
    unlearned,
    learned: adopted ? Number.POSITIVE_INFINITY : learned,
    periods: words[PERIODS / 4]!,
    fill,
  }
}
