import { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { TidegaugeError } from '../core/errors.ts'
import { type ForestSettings, forestSettings } from './options.ts'
import { type ForestShape, forestShape } from './shape.ts'
import type { SlotPool } from './slot-pool.ts'

const MAGIC = 'TGRF'
const VERSION = 1
/** Bytes of a slot's header that are state: see kernel/layout.ts. */
const HEADER_BYTES = 32
const CURRENT_BLOCK = 4

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
export function encodeForest(state: ForestState, pool: SlotPool, slot: number): Uint8Array {
  const { settings, shape } = state
  const { kernel, layout } = pool
  const length = kernel.encode(slot)
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
  writer.bytes(pool.u8.slice(slot, slot + HEADER_BYTES).fill(0, CURRENT_BLOCK, CURRENT_BLOCK + 4))
  writer.bytes(pool.u8.subarray(slot + layout.metaAt, slot + layout.metaAt + settings.trees * 4))
  writer.bytes(pool.u8.subarray(layout.codecAt, layout.codecAt + length))
  return writer.finish()
}

/** Reads all of a snapshot before anything is made of it. */
export function decodeForest(bytes: Uint8Array): ForestState & { fill(pool: SlotPool, slot: number): void } {
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
  const body = reader.bytes()
  const whole = origin.length === inputs && header.length === HEADER_BYTES && meta.length === trees * 4
  if (!whole || body.length < 12 || !reader.atEnd()) {
    throw new TidegaugeError('SNAPSHOT_INVALID', 'its parts do not fit its settings', { where: 'forest snapshot' })
  }
  const fill = (pool: SlotPool, slot: number) => {
    const { kernel, layout } = pool
    kernel.initialise(slot, 0n)
    const memory = pool.u8
    memory.set(header, slot)
    memory.set(meta, slot + layout.metaAt)
    memory.set(body, layout.codecAt)
    kernel.decode(slot)
  }
  return { settings, shape, origin, unlearned, fill }
}
