import { TidegaugeError } from '../core/errors.ts'
import { type Frequency, parseFrequency, stepMs } from './frequency.ts'

/** One series as a file holds it, categories still as texts. */
export interface SeriesRecord {
  readonly itemId: string
  /** `start` as it was written. */
  readonly start: string
  readonly startMs: number
  /** NaN where missing. */
  readonly target: Float64Array
  readonly categories: readonly string[]
  readonly dynamic: readonly Float64Array[]
}

const VALUES_MAX = 5_000_000

type Fields = Readonly<Record<string, unknown>>

function fail(where: string, message: string, hint: string): never {
  throw new TidegaugeError('INPUT_INVALID', message, { where, hint })
}

const shorten = (value: unknown) => JSON.stringify(value)?.slice(0, 40) ?? 'nothing'

/** Milliseconds of `2024-01-31 23:59:00`, with `T` or an offset if given; without one it is UTC. */
export function parseStart(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(
    text.trim(),
  )
  if (match === null) return undefined
  const part = (i: number, fallback = '00') => match[i] ?? fallback
  const zone = part(7, 'Z').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const ms = Date.parse(`${part(1)}-${part(2)}-${part(3)}T${part(4)}:${part(5)}:${part(6)}${zone}`)
  return Number.isNaN(ms) ? undefined : ms
}

function readNumber(value: unknown, where: string, missing: boolean): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (missing && (value === null || value === 'NaN')) return Number.NaN
  return fail(
    where,
    `${shorten(value)} is no finite number`,
    missing ? 'write null or "NaN" for a missing value' : 'covariates may not be missing',
  )
}

function readNumbers(value: unknown, where: string, missing: boolean): Float64Array {
  if (!Array.isArray(value)) return fail(where, `${shorten(value)} is no array`, 'give an array of numbers')
  if (value.length > VALUES_MAX) return fail(where, `${value.length} values`, `at most ${VALUES_MAX}`)
  return Float64Array.from(value, (one: unknown, i) => readNumber(one, `${where}[${i}]`, missing))
}

function readCategories(fields: Fields, where: string): string[] {
  const value = fields['cat'] ?? fields['feat_static_cat'] ?? []
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map((one, i) => {
    if (typeof one === 'string' || (typeof one === 'number' && Number.isInteger(one) && one >= 0)) return String(one)
    return fail(`${where}: cat[${i}]`, `${shorten(one)} is no category`, 'give whole numbers from 0, or texts')
  })
}

function readStart(fields: Fields, where: string): { start: string; startMs: number } {
  const start = fields['start']
  const startMs = typeof start === 'string' ? parseStart(start) : undefined
  if (typeof start !== 'string' || startMs === undefined) {
    return fail(`${where}: start`, `${shorten(start)} is no time`, 'write "2024-01-31 23:00:00", UTC')
  }
  return { start, startMs }
}

function checkFrequency(fields: Fields, frequency: Frequency, where: string): void {
  const said = fields['freq']
  if (said === undefined) return
  if (typeof said !== 'string')
    fail(`${where}: freq`, `${shorten(said)} is no frequency`, `leave it out, or say ${frequency.text}`)
  const own = parseFrequency(said)
  const same = own.text === frequency.text || stepMs(own) === stepMs(frequency)
  if (!same) fail(`${where}: freq`, `the series says ${said}, not ${frequency.text}`, 'correct --freq or the data')
}

/** One series of an object as SageMaker DeepAR and GluonTS write it; `where` names it in errors. */
export function readSeriesObject(
  value: unknown,
  fallbackId: string,
  frequency: Frequency,
  where: string,
): SeriesRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail(where, `${shorten(value)} is no object`, 'one JSON object a line: {"start": ..., "target": [...]}')
  }
  const fields = value as Fields
  checkFrequency(fields, frequency, where)
  const id = fields['item_id'] ?? fallbackId
  if (typeof id !== 'string' && typeof id !== 'number')
    return fail(`${where}: item_id`, `${shorten(id)} is no id`, 'give a text')
  const dynamic = fields['dynamic_feat'] ?? fields['feat_dynamic_real'] ?? []
  if (!Array.isArray(dynamic)) return fail(`${where}: dynamic_feat`, 'no array', 'give an array of arrays of numbers')
  const target = readNumbers(fields['target'], `${where}: target`, true)
  return {
    itemId: String(id),
    ...readStart(fields, where),
    target,
    categories: readCategories(fields, where),
    dynamic: dynamic.map((one, i) => {
      const covariate = readNumbers(one, `${where}: dynamic_feat[${i}]`, false)
      if (covariate.length >= target.length) return covariate
      return fail(
        `${where}: dynamic_feat[${i}]`,
        `${covariate.length} values for a target of ${target.length}`,
        'a covariate is known wherever the target is, and over the horizon of a forecast',
      )
    }),
  }
}

/** Every series of a JSON Lines text. Throws INPUT_INVALID naming file, line and field. */
export function readSeriesLines(text: string, file: string, frequency: Frequency): SeriesRecord[] {
  const found: SeriesRecord[] = []
  const lineOf = new Map<string, number>()
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.trim()
    if (line === '') continue
    const where = `${file}:${i + 1}`
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : 'cannot be parsed'
      throw new TidegaugeError('INPUT_INVALID', `no JSON: ${what}`, { where, hint: 'one JSON object a line', cause })
    }
    const series = readSeriesObject(value, String(found.length), frequency, where)
    const earlier = lineOf.get(series.itemId)
    if (earlier !== undefined)
      fail(`${where}: item_id`, `${series.itemId} is on line ${earlier} already`, 'give each series its own id')
    lineOf.set(series.itemId, i + 1)
    requireAlike(found[0], series, where)
    found.push(series)
  }
  if (found.length === 0) fail(file, 'no series', 'one JSON object a line: {"start": ..., "target": [...]}')
  return found
}

/** All series of one file have the same number of categories and covariates. */
function requireAlike(first: SeriesRecord | undefined, series: SeriesRecord, where: string): void {
  if (first === undefined) return
  if (series.categories.length !== first.categories.length) {
    fail(
      `${where}: cat`,
      `${series.categories.length} categories, ${first.categories.length} in the first series`,
      'the same number in all',
    )
  }
  if (series.dynamic.length !== first.dynamic.length) {
    fail(
      `${where}: dynamic_feat`,
      `${series.dynamic.length} covariates, ${first.dynamic.length} in the first series`,
      'the same number in all',
    )
  }
}
