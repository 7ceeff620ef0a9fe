import type { ScoredPoint } from '../../band/scored-point.ts'
import type { LabelWindow } from './labels.ts'

const WIDTH = 1_200
const VALUE_HEIGHT = 260
const SCORE_HEIGHT = 90
const GAP = 24
/** Room for the times below. */
const FOOT = 22
const VALUE_TICKS = 4
const TIME_TICKS = 7
/** Columns into which records are gathered: the lowest and the highest value of each is drawn. */
const COLUMNS = 600

export interface PlotInput {
  /** Shape [records]. */
  readonly timestamps: Float64Array
  readonly points: readonly ScoredPoint[]
  readonly windows: readonly LabelWindow[]
}

interface Axes {
  /** Values that are written at the side, in units of the series. */
  readonly ticks: readonly number[]
  readonly x: (at: number) => number
  readonly y: (value: number) => number
  readonly score: (value: number) => number
}

function extent(values: Iterable<number>): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (low > high) return [0, 1]
  return low === high ? [low - 1, high + 1] : [low, high]
}

function axesOf({ points }: PlotInput): Axes {
  const [low, high] = extent(points.map((point) => point.inputs[0]?.value ?? Number.NaN))
  const [, top] = extent(points.map((point) => point.score))
  const room = 0.05 * (high - low)
  const span = high - low + 2 * room
  return {
    ticks: roundBetween(low, high),
    x: (at) => (at / Math.max(1, points.length - 1)) * WIDTH,
    y: (value) => VALUE_HEIGHT * (1 - Math.max(-0.2, Math.min(1.2, (value - low + room) / span))),
    score: (value) => VALUE_HEIGHT + GAP + SCORE_HEIGHT * (1 - Math.min(1, value / Math.max(1, Math.min(3, top)))),
  }
}

/** A few round numbers in a range: multiples of 1, 2 or 5 times a power of ten. */
function roundBetween(low: number, high: number): number[] {
  const least = (high - low) / VALUE_TICKS
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= least) ?? least
  const first = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
}

/** Values at the side, and times (UTC) below. */
function scales({ timestamps }: PlotInput, { x, y, ticks }: Axes): string {
  const bottom = VALUE_HEIGHT + GAP + SCORE_HEIGHT
  const values = ticks.map((tick) => {
    const at = y(tick).toFixed(1)
    return `<path class="grid" d="M0 ${at}H${WIDTH}"/><text class="tick" x="2" y="${(y(tick) - 3).toFixed(1)}">${tick}</text>`
  })
  const last = timestamps.length - 1
  const times = Array.from({ length: Math.min(TIME_TICKS, timestamps.length) }, (_, i) => {
    const at = Math.round((i * last) / Math.max(1, TIME_TICKS - 1))
    const anchor = i === 0 ? 'start' : at === last ? 'end' : 'middle'
    const text = new Date(timestamps[at] ?? 0).toISOString().slice(0, 16).replace('T', ' ')
    return `<text class="tick" text-anchor="${anchor}" x="${x(at).toFixed(1)}" y="${bottom + 16}">${text}</text>`
  })
  return [...values, ...times].join('')
}

/** A path through the lowest and highest value of each column, in the order in which they come. */
function line(count: number, of: (at: number) => number, x: (at: number) => number, y: (v: number) => number): string {
  const step = Math.max(1, count / COLUMNS)
  const parts: string[] = []
  let open = false
  for (let start = 0; start < count; start += step) {
    let low = -1
    let high = -1
    for (let at = Math.floor(start); at < Math.min(count, Math.floor(start + step)); at++) {
      if (Number.isNaN(of(at))) continue
      if (low < 0 || of(at) < of(low)) low = at
      if (high < 0 || of(at) > of(high)) high = at
    }
    if (low < 0) {
      open = false
      continue
    }
    for (const at of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      parts.push(`${open ? 'L' : 'M'}${x(at).toFixed(1)} ${y(of(at)).toFixed(1)}`)
      open = true
    }
  }
  return parts.join('')
}

function shade({ timestamps, windows }: PlotInput, { x }: Axes): string {
  return windows
    .map(({ startMs, endMs }) => {
      const first = timestamps.findIndex((time) => time >= startMs)
      const last = timestamps.findLastIndex((time) => time <= endMs)
      if (first < 0 || last < first) return ''
      const width = Math.max(1, x(last) - x(first)).toFixed(1)
      return `<rect class="window" x="${x(first).toFixed(1)}" y="0" width="${width}" height="${VALUE_HEIGHT + GAP + SCORE_HEIGHT}"/>`
    })
    .join('')
}

function marks({ points, timestamps }: PlotInput, { x, y }: Axes): string {
  return points
    .map((point, at) => {
      const value = point.inputs[0]?.value ?? Number.NaN
      if (!(point.grade > 0) || Number.isNaN(value)) return ''
      const when = new Date(timestamps[at] ?? 0).toISOString()
      const title = `${when}: ${value}, grade ${point.grade.toFixed(2)}, score ${point.score.toFixed(2)}, ${point.reason}`
      return `<circle class="anomaly" cx="${x(at).toFixed(1)}" cy="${y(value).toFixed(1)}" r="4"><title>${title}</title></circle>`
    })
    .join('')
}

/** Value, band, labelled windows, anomalies, and the score below, with their scales, as one SVG element. */
export function plotSvg(input: PlotInput): string {
  const axes = axesOf(input)
  const { points } = input
  const of = (pick: (point: ScoredPoint) => number | undefined) => (at: number) => {
    const point = points[at]
    return point === undefined ? Number.NaN : (pick(point) ?? Number.NaN)
  }
  const draw = (kind: string, pick: (point: ScoredPoint) => number | undefined, y: (value: number) => number) =>
    `<path class="${kind}" d="${line(points.length, of(pick), axes.x, y)}"/>`
  const height = VALUE_HEIGHT + GAP + SCORE_HEIGHT
  return [
    `<svg viewBox="0 -4 ${WIDTH} ${height + FOOT}" role="img" aria-label="values, band and score">`,
    scales(input, axes),
    shade(input, axes),
    draw('bound', (point) => point.inputs[0]?.lower, axes.y),
    draw('bound', (point) => point.inputs[0]?.upper, axes.y),
    draw('value', (point) => point.inputs[0]?.value, axes.y),
    draw('score', (point) => point.score, axes.score),
    `<path class="threshold" d="M0 ${axes.score(1).toFixed(1)}H${WIDTH}"/>`,
    marks(input, axes),
    '</svg>',
  ].join('')
}
