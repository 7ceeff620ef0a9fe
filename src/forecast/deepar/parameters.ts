import type { Rng } from '../../core/rng.ts'
import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import { type DeepArConfig, layoutOf } from './config.ts'

/** One weight of the network and where it lies in the flat vector. */
export interface ParameterSlot {
  readonly name: string
  readonly shape: readonly number[]
  readonly offset: number
  readonly size: number
}

/** Columns of the head's output: the likelihood's raw outputs, then a gate for each copied lag and one for none. */
export function headWidth(config: DeepArConfig): number {
  const likelihood = LIKELIHOOD_BY_NAME[config.likelihood]
  return likelihood.rawSize + (config.copied > 0 ? config.copied + 1 : 0)
}

/** Every weight in the order in which it lies in the flat vector; the order is part of the model file's format. */
export function parameterSlots(config: DeepArConfig): readonly ParameterSlot[] {
  const layout = layoutOf(config)
  const shapes: [string, number[]][] = []
  config.embeddings.forEach((width, i) => {
    shapes.push([`embedding${i}`, [config.cardinalities[i]!, width]])
  })
  let inputs = layout.size + layout.embedded
  for (let layer = 0; layer < config.layers; layer++) {
    shapes.push([`kernel${layer}`, [inputs + config.cells, 4 * config.cells]])
    shapes.push([`bias${layer}`, [4 * config.cells]])
    inputs = config.cells
  }
  shapes.push(['head', [config.cells, headWidth(config)]])
  shapes.push(['headBias', [headWidth(config)]])
  let offset = 0
  return shapes.map(([name, shape]) => {
    const size = shape.reduce((product, length) => product * length, 1)
    const slot = { name, shape, offset, size }
    offset += size
    return slot
  })
}

/** Access to the parts of a flat vector by name. */
export function partsOf(config: DeepArConfig, flat: Float32Array): (name: string) => Float32Array {
  const slots = new Map(parameterSlots(config).map((slot) => [slot.name, slot]))
  return (name) => {
    const slot = slots.get(name)
    return slot === undefined ? new Float32Array(0) : flat.subarray(slot.offset, slot.offset + slot.size)
  }
}

export function parameterCount(slots: readonly ParameterSlot[]): number {
  const last = slots.at(-1)
  return last === undefined ? 0 : last.offset + last.size
}

/** The gate of the main season starts ahead of the others by this: an untrained model is a seasonal naive one. */
const SEASON_GATE_START = 2

/**
 * Starting weights: kernels and embeddings uniform over +-1 / sqrt(cells) (as PyTorch's LSTM), a small head, so that the
 * first forecasts are those of the copied season. The bias of the candidates starts at 1 and that of the forget gates at
 * 0, not the other way round as is usual: on held-back windows of hourly data a long memory from the start makes the
 * network carry trends on (mean wQL 0.036 against 0.030 over four windows).
 */
export function initialParameters(config: DeepArConfig, rng: Rng): Float32Array {
  const slots = parameterSlots(config)
  const flat = new Float32Array(parameterCount(slots))
  const reach = 1 / Math.sqrt(config.cells)
  const rawSize = LIKELIHOOD_BY_NAME[config.likelihood].rawSize
  for (const slot of slots) {
    const part = flat.subarray(slot.offset, slot.offset + slot.size)
    if (slot.name === 'headBias') {
      if (config.copied > 1) part[rawSize + 1] = SEASON_GATE_START
    } else if (slot.name.startsWith('bias')) {
      part.fill(1, 2 * config.cells, 3 * config.cells)
    } else {
      const bound = slot.name === 'head' ? reach / 4 : reach
      for (let i = 0; i < part.length; i++) part[i] = bound * (2 * rng.uniform() - 1)
    }
  }
  return flat
}
