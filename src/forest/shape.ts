import type { ForestSettings } from './options.ts'

/** What forests must share to lie in one pool as equal slots. */
export interface ForestShape {
  readonly settings: ForestSettings
  /** The store holds periods in blocks of 2^blockLog. */
  readonly blockLog: number
  readonly maxBlocks: number
  /** Subtrees of at least this mass keep their box, at most boxCap in a tree. */
  readonly boxMass: number
  readonly boxCap: number
}

/** One size of slots: what forests of a shape need at some age. */
export interface SlotSize {
  /** Room for the leaves of each tree, the blocks of the store, the kept boxes of each tree. */
  readonly leaves: number
  readonly blocks: number
  readonly boxes: number
  /** Up to so many shingles learned, and so many periods taken in, a forest fits for certain. */
  readonly learned: number
  readonly periods: number
}

/** Leaves of a tree in the smallest size. */
const FEWEST_LEAVES = 16
/** From one size to the next. A forest is copied once a size, so it is copied for less than one visit in ten. */
const GROWTH = 4

/** Entries are 16 bits wide: block and offset together. */
const POSITIONS = 65_536
const BLOCK_LOG_MAX = 6

/** Integral of (1 - exp(-u)) / u from 0 to x: how many of a decaying stream's blocks are still referred to. */
function decayingCount(x: number): number {
  if (x > 30) return Math.log(x) + 0.5772156649015329
  let sum = 0
  let term = 1
  for (let n = 1; n < 400; n++) {
    term *= -x / n
    sum -= term / n
    if (Math.abs(term) < 1e-17) break
  }
  return sum
}

/**
 * How many blocks of `periods` periods hold at least one sampled point, in the steady state, with room for chance. A
 * point of age a is in a tree with probability about sampleSize x decay x exp(-decay x a).
 */
function blocksNeeded(settings: ForestSettings, periods: number): number {
  const { trees, sampleSize, timeDecay } = settings
  const most = trees * sampleSize + 2
  if (timeDecay === 0) return most
  const perPeriod = Math.min(trees, trees * sampleSize * -Math.expm1(-timeDecay))
  const mean = decayingCount(perPeriod * periods) / (timeDecay * periods)
  return Math.min(most, Math.ceil(mean + 6 * Math.sqrt(mean)) + 4)
}

/**
 * Few dimensions: reading leaves is nearly as quick as reading a box, so only the largest subtrees keep theirs. Many:
 * boxes save most of the work, and are worth their memory. Measured at 1, 8, 24 and 48 dimensions.
 */
function keptBoxes({ inputs, shingleSize, sampleSize }: ForestSettings): { boxMass: number; boxCap: number } {
  const few = inputs * shingleSize <= 8
  return { boxMass: Math.max(16, Math.floor(sampleSize / (few ? 4 : 8))), boxCap: few ? 8 : 16 }
}

/** Chooses the size of a block that needs least memory; blocks overlap by shingleSize - 1 periods. */
export function forestShape(settings: ForestSettings): ForestShape {
  const { inputs, shingleSize } = settings
  let best = { blockLog: 0, maxBlocks: 1, bytes: Number.POSITIVE_INFINITY }
  for (let blockLog = 0; blockLog <= BLOCK_LOG_MAX; blockLog++) {
    const periods = 2 ** blockLog
    const maxBlocks = Math.min(blocksNeeded(settings, periods), POSITIONS / periods)
    const held = maxBlocks * ((periods + shingleSize - 1) * inputs * 4 + 8)
    const shortfall = blocksNeeded(settings, periods) > maxBlocks ? 1e12 / maxBlocks : 0
    if (held + shortfall < best.bytes) best = { blockLog, maxBlocks, bytes: held + shortfall }
  }
  return {
    settings,
    blockLog: best.blockLog,
    maxBlocks: best.maxBlocks,
    ...keptBoxes(settings),
  }
}

/**
 * The sizes through which a forest grows: most fleets have many young series, and memory that was reserved in full
 * would be touched in full, since every tree has a page of its own. First the trees grow, then the store, which goes on
 * to fill for long after. Young trees keep no boxes: there is little to read. The last size holds whatever comes.
 */
export function slotSizes({ settings, blockLog, maxBlocks, boxCap }: ForestShape): readonly SlotSize[] {
  const { sampleSize } = settings
  // All blocks but the newest are full, and one more has to be free when the next begins.
  const blocksOf = (periods: number) => Math.floor(periods / 2 ** blockLog) + 2
  const sizes: SlotSize[] = []
  for (let leaves = FEWEST_LEAVES; leaves < sampleSize; leaves *= GROWTH) {
    const blocks = Math.min(maxBlocks, blocksOf(leaves))
    const periods = blocks === maxBlocks ? Number.POSITIVE_INFINITY : leaves
    sizes.push({ leaves, blocks, boxes: 0, learned: leaves, periods })
  }
  const full = { leaves: sampleSize, boxes: boxCap, learned: Number.POSITIVE_INFINITY }
  for (let periods = 2 * sampleSize; blocksOf(periods) < maxBlocks; periods *= GROWTH) {
    sizes.push({ ...full, blocks: blocksOf(periods), periods })
  }
  return [...sizes, { ...full, blocks: maxBlocks, periods: Number.POSITIVE_INFINITY }]
}
