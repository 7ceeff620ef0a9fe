import { TidegaugeError } from '../core/errors.ts'
import type { QuantileForecast } from './accuracy.ts'
import type { Frequency } from './frequency.ts'
import { readSeriesObject, type SeriesRecord } from './series-lines.ts'

export const OUTPUT_TYPES = ['mean', 'quantiles', 'samples'] as const
export type OutputType = (typeof OUTPUT_TYPES)[number]

/** SageMaker DeepAR's inference request. */
export interface InferenceRequest {
  readonly instances: readonly SeriesRecord[]
  readonly samples: number
  readonly outputs: readonly OutputType[]
  /** Levels in ascending order, and the texts that they were asked by. */
  readonly levels: readonly number[]
  readonly levelTexts: readonly string[]
}

const SAMPLES_MAX = 10_000
const SAMPLES_DEFAULT = 100

type Fields = Readonly<Record<string, unknown>>

function fail(where: string, message: string, hint: string): never {
  throw new TidegaugeError('INPUT_INVALID', message, { where, hint })
}

function object(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  return fail(where, 'is no object', 'see SageMaker DeepAR: instances and configuration')
}

function readLevels(value: unknown, where: string): { levels: number[]; levelTexts: string[] } {
  const list: unknown = value ?? ['0.1', '0.5', '0.9']
  if (!Array.isArray(list)) return fail(where, 'is no array', 'give quantiles as texts: ["0.1", "0.9"]')
  const pairs = list.map((text: unknown, i) => {
    const level = Number(text)
    if (level > 0 && level < 1) return { text: String(text), level }
    return fail(`${where}[${i}]`, `${JSON.stringify(text)} is no level`, 'a number between 0 and 1')
  })
  pairs.sort((a, b) => a.level - b.level)
  return { levels: pairs.map((pair) => pair.level), levelTexts: pairs.map((pair) => pair.text) }
}

/** Reads a request body; `file` names it in errors. */
export function readInferenceRequest(text: string, file: string, frequency: Frequency): InferenceRequest {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new TidegaugeError('INPUT_INVALID', `no JSON: ${cause instanceof Error ? cause.message : ''}`, {
      where: file,
      cause,
    })
  }
  const body = object(parsed, file)
  const instances = body['instances']
  if (!Array.isArray(instances) || instances.length === 0)
    return fail(`${file}: instances`, 'no series', 'give an array of series')
  const configuration =
    body['configuration'] === undefined ? {} : object(body['configuration'], `${file}: configuration`)
  const samples = configuration['num_samples'] ?? SAMPLES_DEFAULT
  if (typeof samples !== 'number' || !Number.isInteger(samples) || samples < 1 || samples > SAMPLES_MAX) {
    return fail(`${file}: configuration.num_samples`, `${JSON.stringify(samples)} samples`, `1 to ${SAMPLES_MAX}`)
  }
  const asked: unknown = configuration['output_types'] ?? ['mean', 'quantiles']
  const outputs = OUTPUT_TYPES.filter((type) => Array.isArray(asked) && asked.includes(type))
  if (!Array.isArray(asked) || outputs.length !== new Set(asked).size) {
    return fail(
      `${file}: configuration.output_types`,
      JSON.stringify(asked) ?? '',
      `some of ${OUTPUT_TYPES.join(', ')}`,
    )
  }
  return {
    instances: instances.map((one: unknown, i) =>
      readSeriesObject(one, String(i), frequency, `${file}: instances[${i}]`),
    ),
    samples,
    outputs,
    ...readLevels(configuration['quantiles'], `${file}: configuration.quantiles`),
  }
}

export interface Prediction {
  readonly forecast: QuantileForecast
  /** Path s of step h at [h * samples + s]. */
  readonly paths: Float64Array
}

/** SageMaker's response: what was asked for of each instance, in the request's order. */
export function inferenceResponse(request: InferenceRequest, predictions: readonly Prediction[]): object {
  return {
    predictions: predictions.map(({ forecast, paths }) => {
      const horizon = paths.length / request.samples
      const path = (s: number) => Array.from({ length: horizon }, (_, h) => paths[h * request.samples + s])
      return {
        ...(request.outputs.includes('mean') ? { mean: [...forecast.mean] } : {}),
        ...(request.outputs.includes('quantiles')
          ? { quantiles: Object.fromEntries(request.levelTexts.map((text, i) => [text, [...forecast.quantiles[i]!]])) }
          : {}),
        ...(request.outputs.includes('samples')
          ? { samples: Array.from({ length: request.samples }, (_, s) => path(s)) }
          : {}),
      }
    }),
  }
}
