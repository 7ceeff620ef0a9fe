import { TidegaugeError } from '../core/errors.ts'
import { LIMITS } from '../core/limits.ts'

export interface ForestOptions {
  /** Values of one period; default 1. */
  readonly inputs?: number
  /** Periods in one shingle; default 1. A point has inputs x shingleSize dimensions. */
  readonly shingleSize?: number
  /** Default 50. */
  readonly trees?: number
  /** Points that each tree holds; default 256. */
  readonly sampleSize?: number
  /** A point of age a weighs exp(-timeDecay x a) in the samples; 0 weighs all the same. Default 1 / (10 x sampleSize). */
  readonly timeDecay?: number
  /** Whole number; the same seed and the same points give the same scores. Default 0. */
  readonly seed?: number
  /** Scores are 0 until so many shingles were learned. Default sampleSize / 4. */
  readonly outputAfter?: number
  /**
   * While a tree fills for the first time it takes every point until this part of it is full, then ever fewer, so that
   * young trees differ from each other. Default 1: every point until full.
   */
  readonly initialAcceptFraction?: number
}

export type ForestSettings = Required<ForestOptions>

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new TidegaugeError('CONFIG_INVALID', `${name} is ${value}`, {
    where: name,
    hint: `give a whole number from ${least} to ${most}`,
  })
}

function between(name: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value
  throw new TidegaugeError('CONFIG_INVALID', `${name} is ${value}`, {
    where: name,
    hint: `give a number from ${least} to ${most}`,
  })
}

/** Fills in the defaults; throws CONFIG_INVALID naming the option. */
export function forestSettings(options: ForestOptions): ForestSettings {
  const sampleSize = whole('sampleSize', options.sampleSize ?? 256, 1, 4_096)
  const trees = whole('trees', options.trees ?? 50, 1, 1_000)
  return {
    inputs: whole('inputs', options.inputs ?? 1, 1, LIMITS.inputsPerEntity),
    shingleSize: whole('shingleSize', options.shingleSize ?? 1, 1, LIMITS.shingleSize),
    trees,
    sampleSize,
    timeDecay: between('timeDecay', options.timeDecay ?? 1 / (10 * sampleSize), 0, 1),
    seed: whole('seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER),
    outputAfter: whole('outputAfter', options.outputAfter ?? Math.ceil(sampleSize / 4), 0, 0xffff_ffff),
    initialAcceptFraction: between('initialAcceptFraction', options.initialAcceptFraction ?? 1, 0.01, 1),
  }
}
