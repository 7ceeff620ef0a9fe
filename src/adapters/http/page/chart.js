import { drawBehind, drawGrades, drawOnTop } from './chart-marks.js'
import { gradeOptions, palette, valueOptions } from './chart-options.js'
import { h } from './dom.js'
import { number } from './format.js'
import uPlot from './uplot/uPlot.esm.js'

/** @import { PointView } from '../../../runtime/views.ts' */
/** @import { Fan } from './forecast.js' */
/** @typedef {{ alarm: string, from: string, to: string, timestampMs: number, reason: string }} Change */
/** @typedef {{ fromMs: number, toMs: number, title: string }} Mark */

/**
 * @typedef {object} ChartData
 * @property {readonly PointView[]} points
 * @property {number} input index of the input that is shown
 * @property {readonly Change[]} changes
 * @property {readonly Mark[]} verdicts
 * @property {number} periodMs
 * @property {Fan | undefined} fan the newest forecast
 */

/**
 * @typedef {object} ChartHandlers
 * @property {(index: number | null) => void} cursor
 * @property {(first: number, last: number) => void} select a range was drawn
 * @property {(index: number) => void} pick a point was clicked
 */

const GRADES_PX = 64
const DRAG_MIN_PX = 4

/** Value, expected, band, anomalies, alarms; and the grades below, with one cursor. */
export class SeriesChart {
  element = h('div', { class: 'charts' })
  #values = h('div', { class: 'chart-values' })
  #grades = h('div', { class: 'chart-grades' })
  #handlers
  /** @type {ChartData} */
  #data = { points: [], input: 0, changes: [], verdicts: [], periodMs: 60_000, fan: undefined }
  /** @type {uPlot | undefined} */
  #top
  /** @type {uPlot | undefined} */
  #strip
  /** @type {readonly [number, number] | undefined} */
  #selection
  #draggedAt = 0
  #scheme = matchMedia('(prefers-color-scheme: dark)')
  #rebuild = () => this.#build()
  #resizing = new ResizeObserver(() => this.#resize())

  /** @param {ChartHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers
    this.element.append(this.#values, this.#grades)
    this.#resizing.observe(this.element)
    this.#scheme.addEventListener('change', this.#rebuild)
  }

  destroy() {
    this.#resizing.disconnect()
    this.#scheme.removeEventListener('change', this.#rebuild)
    this.#top?.destroy()
    this.#strip?.destroy()
  }

  /** @param {ChartData} data */
  show(data) {
    this.#data = data
    if (this.#top === undefined) this.#build()
    this.#top?.setData(valueColumns(data))
    this.#strip?.setData(gradeColumns(data))
  }

  /** Marks a range of points; undefined marks none. @param {readonly [number, number] | undefined} selection */
  select(selection) {
    this.#selection = selection
    this.#drawSelection()
  }

  /** Puts the cursor on a point. @param {number} index */
  point(index) {
    const point = this.#data.points[index]
    if (point === undefined || this.#top === undefined) return
    this.#top.setCursor({ left: this.#top.valToPos(point.timestampMs / 1000, 'x'), top: 10 })
  }

  #size() {
    const width = Math.max(200, Math.floor(this.element.clientWidth))
    return { width, height: width < 560 ? 240 : Math.min(380, Math.max(250, Math.round(innerHeight * 0.36))) }
  }

  #resize() {
    const { width, height } = this.#size()
    if (this.#top === undefined || this.#top.width === width) return
    this.#top.setSize({ width, height })
    this.#strip?.setSize({ width, height: GRADES_PX })
  }

  #build() {
    this.#top?.destroy()
    this.#strip?.destroy()
    const colours = palette()
    const { width, height } = this.#size()
    const fan = () => this.#data.fan
    const top = valueOptions(colours, number, { width, height }, fan, {
      drawClear: [(chart) => drawBehind(chart, this.#data, colours)],
      draw: [
        (chart) => drawOnTop(chart, this.#data, colours),
        // Only now do the scales fit the data: a selection placed earlier would stand where it was before.
        () => this.#drawSelection(),
      ],
      setCursor: [(chart) => this.#handlers.cursor(chart.cursor.idx ?? null)],
      setSelect: [(chart) => this.#drawn(chart)],
    })
    this.#top = new uPlot(top, valueColumns(this.#data), this.#values)
    const strip = gradeOptions(colours, { width, height: GRADES_PX }, fan, {
      draw: [(chart) => drawGrades(chart, this.#data, colours)],
    })
    this.#strip = new uPlot(strip, gradeColumns(this.#data), this.#grades)
    this.#top.over.addEventListener('click', (click) => this.#clicked(click))
  }

  /** @param {uPlot} chart */
  #drawn(chart) {
    const { left, width } = chart.select
    if (width < DRAG_MIN_PX) return
    this.#draggedAt = performance.now()
    this.#handlers.select(chart.posToIdx(left), chart.posToIdx(left + width))
  }

  /** @param {MouseEvent} click */
  #clicked(click) {
    if (this.#top === undefined || performance.now() - this.#draggedAt < 100) return
    this.#handlers.pick(this.#top.posToIdx(click.offsetX))
  }

  #drawSelection() {
    const chart = this.#top
    if (chart === undefined) return
    const { points, periodMs } = this.#data
    const first = points[this.#selection?.[0] ?? -1]
    const last = points[this.#selection?.[1] ?? -1]
    if (first === undefined || last === undefined) {
      chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
      return
    }
    const limit = chart.over.clientWidth
    const at = (/** @type {number} */ ms) => Math.min(limit, Math.max(0, chart.valToPos(ms / 1000, 'x')))
    const left = at(first.timestampMs - periodMs / 2)
    const width = Math.max(3, at(last.timestampMs + periodMs / 2) - left)
    chart.setSelect({ left, top: 0, width, height: chart.over.clientHeight }, false)
  }
}

/** @param {ChartData} data @returns {uPlot.AlignedData} */
function valueColumns({ points, input }) {
  const column = (/** @type {'expected' | 'lower' | 'upper'} */ name) =>
    points.map((point) => point.inputs[input]?.[name] ?? null)
  return [
    points.map(({ timestampMs }) => timestampMs / 1000),
    // A value that was filled in is not drawn as if it had been measured.
    points.map(({ inputs }) => (inputs[input]?.observed === true ? (inputs[input]?.value ?? null) : null)),
    column('expected'),
    column('lower'),
    column('upper'),
  ]
}

/** @param {ChartData} data @returns {uPlot.AlignedData} */
const gradeColumns = ({ points }) => [
  points.map(({ timestampMs }) => timestampMs / 1000),
  points.map(({ grade }) => grade),
]
