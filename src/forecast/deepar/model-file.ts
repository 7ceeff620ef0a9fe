import { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import { asTidegaugeError, TidegaugeError } from '../../core/errors.ts'
import { MEMBERS, type Shares } from '../blend.ts'
import { LIKELIHOODS } from '../distribution/likelihood.ts'
import { SCALINGS } from '../scaler.ts'
import { TIME_FEATURES } from '../time-features.ts'
import type { DeepArConfig } from './config.ts'
import type { DeepArModel } from './model.ts'
import { parameterCount, parameterSlots } from './parameters.ts'

const MAGIC = 'TGDA'
const VERSION = 2

/** Limits that no model of ours comes near: a file that passes them is not one, and would fill the memory. */
const SIZE_MAX = { cells: 1024, layers: 8, lags: 512, cardinality: 1_000_000, steps: 100_000 } as const

/** A model as bytes: a header of plain JSON and the weights, checksummed. Nothing in it is ever run or looked up. */
export function encodeModel(model: DeepArModel): Uint8Array {
  const { weights, blend, ...plain } = model
  const writer = new BinaryWriter(MAGIC, VERSION, weights.byteLength + 4096)
  writer.text(JSON.stringify({ ...plain, blend: { overall: blend.overall, items: [...blend.items] } }))
  writer.array(weights)
  return writer.finish()
}

function invalid(where: string, field: string, what: string): never {
  throw new TidegaugeError('MODEL_INVALID', `${field} ${what}`, { where, hint: 'train the model again' })
}

type Fields = Readonly<Record<string, unknown>>

const isWhole = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
const isListOf = (value: unknown, test: (one: unknown) => boolean): boolean => Array.isArray(value) && value.every(test)
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What each field of the configuration must be. */
const CONFIG_RULES: Readonly<Record<keyof DeepArConfig, (value: unknown) => boolean>> = {
  frequency: (value) => typeof value === 'string',
  horizon: (value) => isWhole(value, 1, SIZE_MAX.steps),
  context: (value) => isWhole(value, 1, SIZE_MAX.steps),
  likelihood: (value) => LIKELIHOODS.some((name) => name === value),
  scaling: (value) => SCALINGS.some((name) => name === value),
  scaleWindow: (value) => isWhole(value, 1, SIZE_MAX.steps),
  layers: (value) => isWhole(value, 1, SIZE_MAX.layers),
  cells: (value) => isWhole(value, 1, SIZE_MAX.cells),
  dropout: (value) => isNumber(value) && Number(value) >= 0 && Number(value) < 1,
  lags: (value) =>
    isListOf(value, (lag) => isWhole(lag, 1, SIZE_MAX.steps)) && (value as unknown[]).length <= SIZE_MAX.lags,
  copied: (value) => isWhole(value, 0, SIZE_MAX.lags),
  features: (value) => isListOf(value, (one) => TIME_FEATURES.some((name) => name === one)),
  cardinalities: (value) => isListOf(value, (one) => isWhole(one, 1, SIZE_MAX.cardinality)),
  embeddings: (value) => isListOf(value, (one) => isWhole(one, 1, 50)),
  dynamicFeatures: (value) => isWhole(value, 0, SIZE_MAX.lags),
  logScale: (value) => isListOf(value, isNumber) && (value as unknown[]).length === 2,
}

/** A blend as it is written. */
interface PlainBlend {
  readonly overall: Shares
  readonly items: readonly (readonly [string, Shares])[]
}

const isShares = (value: unknown): boolean =>
  isListOf(value, (share) => isNumber(share) && Number(share) >= 0) &&
  (value as Shares).length === MEMBERS.length &&
  (value as Shares).some((share) => share > 0)

const isBlend = (value: unknown): value is PlainBlend =>
  isObject(value) &&
  isShares(value['overall']) &&
  isListOf(value['items'], (one) => Array.isArray(one) && typeof one[0] === 'string' && isShares(one[1]))

/** Version 1 knew one classic beside the network, seasonal naive, and wrote that one's share as a number. */
function blendOfVersion1(value: unknown): unknown {
  if (!isObject(value) || !Array.isArray(value['items'])) return value
  const sharesOf = (share: unknown) =>
    MEMBERS.map((name) => (name === 'deepar' ? 1 - Number(share) : name === 'seasonal-naive' ? Number(share) : 0))
  const items = (value['items'] as unknown[]).map((one) => (Array.isArray(one) ? [one[0], sharesOf(one[1])] : one))
  return { overall: sharesOf(value['overall']), items }
}

function readConfig(value: unknown, where: string): DeepArConfig {
  if (!isObject(value)) return invalid(where, 'config', 'is missing')
  for (const [field, holds] of Object.entries(CONFIG_RULES)) {
    if (!holds(value[field])) invalid(where, `config.${field}`, 'is not what a model of this version has')
  }
  const config = value as unknown as DeepArConfig
  if (config.copied > config.lags.length) invalid(where, 'config.copied', 'is more than the lags')
  if (config.embeddings.length !== config.cardinalities.length)
    invalid(where, 'config.embeddings', 'do not fit the categories')
  return config
}

function readHeader(text: string, version: number, where: string): Omit<DeepArModel, 'weights'> {
  const header: unknown = JSON.parse(text)
  if (!isObject(header)) return invalid(where, 'header', 'is no object')
  const { calibration, categories, record } = header
  const blend = version === 1 ? blendOfVersion1(header['blend']) : header['blend']
  const config = readConfig(header['config'], where)
  if (!isObject(calibration) || !['shift', 'below', 'above'].every((field) => isNumber(calibration[field]))) {
    return invalid(where, 'calibration', 'is missing')
  }
  if (!isBlend(blend)) return invalid(where, 'blend', 'is not what a model of this version has')
  if (!isListOf(categories, (one) => isListOf(one, (text1) => typeof text1 === 'string'))) {
    return invalid(where, 'categories', 'are missing')
  }
  if (!isObject(record)) return invalid(where, 'record', 'is missing')
  const plain = header as unknown as Omit<DeepArModel, 'weights'>
  // JSON has no NaN: what was not measured comes back as null.
  const number = (field: string) => (isNumber(record[field]) ? Number(record[field]) : Number.NaN)
  return {
    ...plain,
    config,
    blend: { overall: blend.overall, items: new Map(blend.items) },
    record: { ...plain.record, macroWql: number('macroWql'), macroWqlSeasonalNaive: number('macroWqlSeasonalNaive') },
  }
}

/**
 * Reads a model file. Throws MODEL_INVALID, naming `where`, for one that is damaged or of a later version; nothing of
 * it is used then.
 */
export function decodeModel(bytes: Uint8Array, where: string): DeepArModel {
  try {
    const reader = new BinaryReader(bytes, MAGIC, VERSION, where)
    const plain = readHeader(reader.text(), reader.version, where)
    const size = parameterCount(parameterSlots(plain.config))
    const weights = reader.f32Array()
    if (weights.length !== size)
      return invalid(where, 'weights', `are ${weights.length}, the configuration needs ${size}`)
    if (!weights.every((weight) => Number.isFinite(weight))) return invalid(where, 'weights', 'are not all finite')
    if (!reader.atEnd()) return invalid(where, 'file', 'goes on after its end')
    return { ...plain, weights }
  } catch (thrown) {
    const error = asTidegaugeError(thrown)
    if (error.code === 'MODEL_INVALID') throw error
    throw new TidegaugeError('MODEL_INVALID', `no model that can be used: ${error.message}`, {
      where,
      hint: error.hint ?? 'train the model again',
      cause: thrown,
    })
  }
}

/** Throws MODEL_INVALID when a model was trained with other categories than those of the data. */
export function requireCategories(model: DeepArModel, texts: readonly (readonly string[])[], where: string): void {
  const unknown = texts.flatMap((own, c) => own.filter((text) => model.categories[c]?.includes(text) !== true))
  if (model.categories.length === texts.length && unknown.length === 0) return
  const what =
    unknown.length > 0
      ? `knows no category '${unknown[0]}'`
      : `has ${model.categories.length} categories, the data have ${texts.length}`
  throw new TidegaugeError('MODEL_INVALID', what, { where, hint: 'train a model on data with these categories' })
}
