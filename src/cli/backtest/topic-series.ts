import type { ScoredPoint } from '../../band/scored-point.ts'
import type { Series } from '../../core/series.ts'
import type { ScoredSeries } from '../../pipeline/step-output.ts'
import type { SeriesResult } from './write-results.ts'

/** Characters of a result file's name before its ending. */
const NAME_CHARS = 150

interface Collected {
  readonly series: Series
  readonly points: ScoredPoint[]
}

/** Gathers the scored points of a replay series by series, and makes of each what a CSV file would have been. */
export class TopicSeries {
  readonly #collected = new Map<string, Collected>()

  add({ series, point }: ScoredSeries): void {
    const known = this.#collected.get(series.key)
    if (known === undefined) this.#collected.set(series.key, { series, points: [point] })
    else known.points.push(point)
  }

  /** One result an input of a series, in order of the series' keys; `key` is the series' (labels may name it so). */
  *results(periodMs: number): Generator<Omit<SeriesResult, 'windows'> & { readonly key: string }> {
    const taken = new Set<string>()
    for (const key of [...this.#collected.keys()].sort()) {
      const { points = [] } = this.#collected.get(key) ?? {}
      const inputs = points[0]?.inputs ?? []
      for (let i = 0; i < inputs.length; i++) {
        const title = inputs.length === 1 ? key : `${key}.${inputs[i]?.name ?? i}`
        yield { key, name: `${unusedName(title, taken)}.csv`, periodMs, ...ofInput(points, i) }
      }
    }
  }
}

function ofInput(points: readonly ScoredPoint[], i: number) {
  const own = points.map((point): ScoredPoint => {
    const input = point.inputs[i]
    return input === undefined ? point : { ...point, inputs: [input] }
  })
  const timestamps = Float64Array.from(own, (point) => point.timestampMs)
  const values = Float64Array.from(own, (point) => point.inputs[0]?.value ?? Number.NaN)
  const texts = own.map((point) => new Date(point.timestampMs).toISOString())
  const missingPeriods = own.filter(({ reason }) => reason === 'missing').length
  return { series: { texts, timestamps, values }, run: { points: own, lateRows: 0, missingPeriods } }
}

/** A series' key as a file's name: what file systems do not take alike becomes `_`. */
function unusedName(title: string, taken: Set<string>): string {
  const plain = title
    .replaceAll('"', '')
    .replaceAll(/[^\w.=,-]+/g, '_')
    .replace(/^[._]+|_+$/g, '')
    .slice(0, NAME_CHARS)
  let name = plain === '' ? 'series' : plain
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${plain}-${n}`
  taken.add(name.toLowerCase())
  return name
}
