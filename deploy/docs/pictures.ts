import type { FeedbackLabel, ScoredPoint } from '../../src/band/scored-point.ts'
import { plotSvg } from '../../src/cli/backtest/report-plot.ts'
import { Rng } from '../../src/core/rng.ts'
import { RandomCutForest } from '../../src/forest/random-cut-forest.ts'
import { createDetector } from '../../src/pipeline/detector/create-detector.ts'
import { DETECTOR_DEFAULTS } from '../../src/pipeline/detector/options.ts'

/** A picture of what the code itself does with made data; no line in it was drawn by hand. */
export interface Picture {
  readonly file: string
  readonly svg: string
}

/** All of them. The same code draws the same bytes. */
export function pictures(): readonly Picture[] {
  return [
    { file: 'forest.svg', svg: forestPicture() },
    { file: 'evidence.svg', svg: evidencePicture() },
    { file: 'unlearned.svg', svg: unlearningPicture('incident') },
    { file: 'not-unlearned.svg', svg: unlearningPicture(undefined) },
  ]
}

const STYLE = `
text{font:13px system-ui,sans-serif;fill:#1b1f24}
.grid{stroke:#e8ecf0}.tick{fill:#68707a;font-size:12px}
path{fill:none}.value{stroke:#1f6feb;stroke-width:1.4}.bound{stroke:#9db9e8;stroke-width:1.2}.score{stroke:#8250df;stroke-width:1.2}
.threshold{stroke:#d1242f;stroke-width:1;stroke-dasharray:4 4}.anomaly{fill:#d1242f}.window{fill:#f5c044;fill-opacity:.15}
.point{fill:#1b1f24;fill-opacity:.55}.new{fill:none;stroke:#1b1f24;stroke-width:1.5}`

/** A file of its own, on white, so that it can be read on a dark page. */
export function standalone(width: number, height: number, title: string, content: string): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -28 ${width + 16} ${height + 36}" role="img">`
  const paper = `<rect x="-8" y="-28" width="${width + 16}" height="${height + 36}" fill="#fff"/>`
  return `${open}<title>${title}</title><style>${STYLE}\n</style>${paper}\n${content}\n</svg>\n`
}

const PERIOD_MS = 600_000
const DAY = 144
const START_MS = Date.UTC(2026, 2, 2)

/** A day's shape with noise, in periods of ten minutes; `change` makes of it what happens. */
function detected(
  periods: number,
  change: (value: number, period: number) => number,
  feedback?: { readonly after: number; readonly from: number; readonly to: number; readonly label: FeedbackLabel },
): readonly ScoredPoint[] {
  const setup = { ...DETECTOR_DEFAULTS, inputs: ['latency'], periodMs: PERIOD_MS }
  const detector = createDetector(setup, ['docs', 'latency'])
  const rng = new Rng(5)
  const points: ScoredPoint[] = []
  for (let i = 0; i < periods; i++) {
    const value = change(100 + 30 * Math.sin((2 * Math.PI * i) / DAY) + 3 * rng.normal(), i)
    const timestampMs = START_MS + i * PERIOD_MS
    points.push(detector.step({ timestampMs, values: Float64Array.of(value), observed: Uint8Array.of(1) }))
    if (feedback?.after !== i) continue
    const { from, to, label } = feedback
    detector.feedback({ label, range: { startMs: START_MS + from * PERIOD_MS, endMs: START_MS + to * PERIOD_MS } })
  }
  detector.dispose()
  return points
}

interface Note {
  readonly period: number
  readonly text: string
}

function plotted(title: string, points: readonly ScoredPoint[], notes: readonly Note[]): string {
  const timestamps = Float64Array.from(points, ({ timestampMs }) => timestampMs)
  const inner = plotSvg({ timestamps, points, windows: [] })
  // The drawing alone: the element about it is made anew.
  const drawing = inner.replace(/^<svg[^>]*>/, '').replace(/<\/svg>$/, '')
  const texts = notes.map(({ period, text }) => {
    const x = (1_200 * period) / (points.length - 1)
    const anchor = x > 900 ? 'end' : 'start'
    return `<text x="${x.toFixed(1)}" y="-10" text-anchor="${anchor}">${text}</text>`
  })
  return standalone(1_200, 392, title, `${drawing}${texts.join('')}`)
}

/** What each rule sees: a spike, a drift, a change of level, a standstill. */
function evidencePicture(): string {
  const days = 4 * DAY
  const [spike, shape, level] = [days + 30, days + 150, days + 300]
  const points = detected(days + 460, (value, i) => {
    if (i === spike) return value + 60
    if (i >= shape && i < shape + 40) return 100 + 3 * Math.sin(i)
    return i >= level ? value + 45 : value
  }).slice(days - DAY)
  const at = (period: number) => period - days + DAY
  return plotted('Values with their band, and the score below', points, [
    { period: at(spike), text: 'a spike' },
    { period: at(shape), text: 'the daily shape is gone' },
    { period: at(level), text: 'a change of level' },
  ])
}

const INCIDENT = 12

/** The same incident on two days; with a label it is judged in between. */
function unlearningPicture(label: FeedbackLabel | undefined): string {
  const first = 4 * DAY + 20
  const second = first + DAY
  const slow = (i: number) => (i >= first && i < first + INCIDENT) || (i >= second && i < second + INCIDENT)
  const told = first + INCIDENT + 6
  const feedback = label && { after: told, from: first, to: first + INCIDENT, label }
  const points = detected(second + DAY / 2, (value, i) => (slow(i) ? value * 2.5 : value), feedback).slice(3 * DAY)
  const at = (period: number) => period - 3 * DAY
  const title =
    label === undefined ? 'The same incident twice, with nothing said' : 'The same incident twice, unlearned in between'
  return plotted(title, points, [
    { period: at(first) - 70, text: 'an incident' },
    { period: at(told), text: label === undefined ? 'nobody says anything' : `a person says: ${label}` },
    { period: at(second), text: 'the same again' },
  ])
}

const SIDE = 44
const CELL = 10
/** Shades of the map. */
const LEVELS = 10

/** How unusual each place would be, to a forest that has learned two clusters. */
function forestPicture(): string {
  const rng = new Rng(3)
  const forest = new RandomCutForest({ inputs: 2, seed: 1, timeDecay: 0 })
  const learned = Array.from({ length: 400 }, (_, i): [number, number] =>
    i % 4 === 0
      ? [0.74 + 0.04 * rng.normal(), 0.74 + 0.04 * rng.normal()]
      : [0.32 + 0.07 * rng.normal(), 0.36 + 0.05 * rng.normal()],
  )
  for (const point of learned) forest.process(point)
  const place = (i: number) => (i + 0.5) / SIDE
  const scores = Array.from({ length: SIDE * SIDE }, (_, i) => {
    return forest.score([place(i % SIDE), 1 - place(Math.floor(i / SIDE))]).codisp
  })
  forest.dispose()
  const most = Math.max(...scores)
  const cells = Array.from({ length: LEVELS }, (_, level) => {
    const inside = (i: number) =>
      Math.min(LEVELS - 1, Math.floor(LEVELS * Math.sqrt((scores[i] ?? 0) / most))) === level
    const squares = scores.flatMap((_score, i) =>
      inside(i) ? [`M${(i % SIDE) * CELL} ${Math.floor(i / SIDE) * CELL}h${CELL}v${CELL}h-${CELL}z`] : [],
    )
    const share = level / (LEVELS - 1)
    const fill = `hsl(${(220 - 200 * share).toFixed(0)} 80% ${(97 - 42 * share).toFixed(0)}%)`
    return `<path style="fill:${fill}" d="${squares.join('')}"/>`
  })
  const size = SIDE * CELL
  const dots = learned.map(
    ([x, y]) => `<circle class="point" cx="${(x * size).toFixed(1)}" cy="${((1 - y) * size).toFixed(1)}" r="1.8"/>`,
  )
  return standalone(
    size,
    size,
    'How unusual each place would be to a forest that has learned two clusters',
    `${cells.join('')}\n${dots.join('')}\n<text y="-10">red: a new point here would be unusual</text>`,
  )
}
