import { ApiError, getJson } from './api.js'
import { attribution } from './attribution.js'
import { SeriesChart } from './chart.js'
import { breakable, h, setText } from './dom.js'
import { giveFeedback, selectionText, VERDICTS, verdictList, verdictsOf, worstOf } from './feedback.js'
import { fanOf, forecastTable, newestForecasts } from './forecast.js'
import { cut, stateText, zone } from './format.js'
import { alarmStates, changeList, labelList, pointTable, readout } from './series-panels.js'

/** @import { PointView, SeriesForecastView, SeriesSummary } from '../../../runtime/views.ts' */
/** @import { Change } from './chart.js' */
/** @import { VerdictLabel } from './feedback.js' */

const POINTS_KEPT = 500
/** Anomalies no further apart than this many periods are one. */
const RUN_GAP = 4
/** A new forecast is looked for when points have come, at most so often. */
const FORECAST_EVERY_MS = 10_000

/** One series: chart, what its grade consists of, its alarms, and what a person says of it. */
export class SeriesView {
  element = h('article', { class: 'series' })
  id
  #announce
  #title = h('h2', { class: 'series-name', tabIndex: -1 })
  #state = h('span', { class: 'training' })
  #alarms = h('span', { class: 'alarm-states' })
  #labels = h('div')
  #inputs = h('div', { class: 'inputs', role: 'group', 'aria-label': 'Input' })
  #readout = h('dl', { class: 'readout' })
  #chart = new SeriesChart({
    cursor: (index) => this.#hover(index),
    select: (first, last) => this.#select(first, last),
    pick: (index) => this.#pick(index),
  })
  #frame = h('div', { class: 'chart-frame', tabIndex: 0, role: 'application', 'aria-roledescription': 'chart' })
  #why = h('div')
  #selected = h('p', { class: 'selected' })
  #outcome = h('p', { class: 'outcome', role: 'status' })
  #said = h('div')
  #changeList = h('div')
  #forecastTable = h('div')
  #forecastPanel = panel('Forecast', this.#forecastTable)
  #fanKey = h('span', { hidden: true }, h('i', { class: 'key key-forecast' }), 'forecast')
  #table = h('div', { class: 'scroll' })
  #details = h('details', { class: 'panel wide' }, h('summary', {}, 'Newest points in figures'), this.#table)
  /** @type {SeriesSummary | undefined} */
  #series
  /** @type {PointView[]} */
  #points = []
  /** @type {readonly Change[]} */
  #changes = []
  #input = 0
  /** @type {readonly [number, number] | undefined} first and last selected point, by time */
  #selection
  #keyAt = -1
  /** @type {readonly SeriesForecastView[]} */
  #forecasts = []
  #forecastMs = 0

  /** @param {string} id @param {(text: string) => void} announce */
  constructor(id, announce) {
    this.id = id
    this.#announce = announce
    this.#frame.append(this.#chart.element)
    this.#frame.addEventListener('keydown', (pressed) => this.#keydown(pressed))
    this.#details.addEventListener('toggle', () => this.#showTable())
    this.#build()
  }

  #build() {
    const anomaly = (/** @type {number} */ step, /** @type {string} */ text) =>
      h('button', { type: 'button', class: 'quiet', on: { click: () => this.anomaly(step) } }, text)
    const grow = (/** @type {number} */ step, /** @type {string} */ text) =>
      h('button', { type: 'button', class: 'quiet', on: { click: () => this.#grow(step) } }, text)
    const verdicts = Object.entries(VERDICTS).map(([label, { title, means }]) => {
      const say = () => void this.#say(/** @type {VerdictLabel} */ (label))
      const button = h('button', { type: 'button', on: { click: say } }, h('strong', {}, title), h('span', {}, means))
      button.dataset['label'] = label
      return button
    })
    this.element.append(
      h('a', { class: 'back', href: '#/' }, '‹ Overview'),
      h('header', { class: 'series-head' }, this.#title, this.#state, this.#alarms, this.#labels),
      this.#inputs,
      this.#readout,
      this.#frame,
      h(
        'div',
        { class: 'chart-foot' },
        anomaly(-1, '‹ Previous anomaly'),
        anomaly(1, 'Next anomaly ›'),
        h('span', { class: 'legend' }, ...legend(), this.#fanKey),
        h('span', { class: 'zone' }, `Times in ${zone}`),
      ),
      h(
        'div',
        { class: 'panels' },
        h('div', { class: 'stack' }, panel('Why', this.#why), panel('Alarm changes', this.#changeList)),
        panel(
          'Say what it was',
          this.#selected,
          h('div', { class: 'buttons' }, grow(-1, '‹ Start earlier'), grow(1, 'End later ›')),
          h('div', { class: 'verdict-buttons' }, ...verdicts),
          this.#outcome,
          this.#said,
        ),
        this.#forecastPanel,
        this.#details,
      ),
    )
    this.#forecastPanel.classList.add('wide')
    this.#forecastPanel.hidden = true
  }

  /** The instant of the newest point; undefined when there is none. */
  get newestMs() {
    return this.#points.at(-1)?.timestampMs
  }

  get #periodMs() {
    let least = Number.POSITIVE_INFINITY
    for (let i = 1; i < this.#points.length; i++) {
      const step = (this.#points[i]?.timestampMs ?? 0) - (this.#points[i - 1]?.timestampMs ?? 0)
      if (step > 0 && step < least) least = step
    }
    return Number.isFinite(least) ? least : 60_000
  }

  destroy() {
    this.#chart.destroy()
  }

  /** Asks for the series and its points; throws ApiError when there is no such series. */
  async load() {
    const path = `api/v1/series/${encodeURIComponent(this.id)}`
    const [series, history] = await Promise.all([getJson(path, {}), getJson(`${path}/points`, { limit: POINTS_KEPT })])
    // A process that was started anew has few points yet: those that are known from the one before stay.
    const fromMs = history.points[0]?.timestampMs ?? Number.POSITIVE_INFINITY
    const earlier = this.#points.filter(({ timestampMs }) => timestampMs < fromMs)
    this.#points = [...earlier, ...history.points].slice(-POINTS_KEPT)
    this.#changes = history.changes
    this.summary(series)
    this.#showLabels(series)
    this.#showInputs(series)
    if (this.#selection === undefined) this.#pickNewestAnomaly()
    this.#showAll()
    await this.#lookForForecast()
  }

  /** A forecast is beside the points: without it all the rest is shown. */
  async #lookForForecast() {
    this.#forecastMs = Date.now()
    this.#forecasts = await newestForecasts(this.id)
    if (this.#forecasts.length > 0) this.#showAll()
  }

  focus() {
    this.#title.focus({ preventScroll: true })
  }

  /** What is known of the series as a whole. @param {SeriesSummary} series */
  summary(series) {
    this.#series = series
    this.#title.replaceChildren(...breakable(cut(series.name, 600)))
    setText(this.#state, stateText(series.state))
    this.#alarms.replaceChildren(...alarmStates(series))
    this.#frame.setAttribute('aria-label', `${cut(series.name, 100)}, value against its band`)
  }

  /** Points that came since. @param {readonly PointView[]} points */
  add(points) {
    const newestMs = this.newestMs ?? Number.NEGATIVE_INFINITY
    const fresh = points.filter(({ timestampMs }) => timestampMs > newestMs)
    if (fresh.length === 0) return
    const wasQuiet = this.#points.at(-1)?.grade === 0
    this.#points = [...this.#points, ...fresh].slice(-POINTS_KEPT)
    if (this.#selection === undefined) this.#pickNewestAnomaly()
    const began = wasQuiet && fresh.find(({ grade }) => grade > 0)
    if (began) this.#announce(`${cut(this.#series?.name ?? 'The series', 80)} became anomalous.`)
    this.#showAll()
    if (Date.now() - this.#forecastMs > FORECAST_EVERY_MS) void this.#lookForForecast()
  }

  /** @param {readonly Change[]} changes */
  addChanges(changes) {
    this.#changes = [...this.#changes, ...changes]
    this.#showAll()
    void getJson(`api/v1/series/${encodeURIComponent(this.id)}`, {}).then(
      (series) => this.summary(series),
      () => {},
    )
  }

  /** True when something was selected and is no more. */
  clear() {
    if (this.#selection === undefined) return false
    this.#selection = undefined
    this.#showAll()
    return true
  }

  /** Selects the next (1) or the previous (-1) anomaly. @param {number} step */
  anomaly(step) {
    const runs = this.#runs()
    const atMs = this.#selection?.[0] ?? (step > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
    const later = (/** @type {readonly [number, number]} */ [first]) => (this.#points[first]?.timestampMs ?? 0) > atMs
    const earlier = (/** @type {readonly [number, number]} */ [first]) => (this.#points[first]?.timestampMs ?? 0) < atMs
    const run = step > 0 ? runs.find(later) : runs.findLast(earlier)
    if (run === undefined) this.#announce(runs.length === 0 ? 'No anomaly is kept.' : 'There is no further anomaly.')
    else this.#select(run[0], run[1])
  }

  /** Anomalies as first and last index; periods that are let pass in between do not part them. */
  #runs() {
    /** @type {[number, number][]} */
    const runs = []
    this.#points.forEach(({ grade }, i) => {
      if (grade === 0) return
      const last = runs.at(-1)
      if (last !== undefined && i - last[1] <= RUN_GAP) last[1] = i
      else runs.push([i, i])
    })
    return runs
  }

  #pickNewestAnomaly() {
    const run = this.#runs().at(-1)
    if (run !== undefined) this.#selection = this.#times(run[0], run[1])
  }

  /** @param {number} first @param {number} last @returns {readonly [number, number] | undefined} */
  #times(first, last) {
    const from = this.#points[Math.max(0, first)]
    const to = this.#points[Math.min(this.#points.length - 1, last)]
    return from === undefined || to === undefined ? undefined : [from.timestampMs, to.timestampMs]
  }

  get #selectedPoints() {
    const [fromMs, toMs] = this.#selection ?? [1, 0]
    return this.#points.filter(({ timestampMs }) => timestampMs >= fromMs && timestampMs <= toMs)
  }

  /** What the figures are of while nothing is pointed at: the worst of what is selected, or the newest point. */
  get #shown() {
    return worstOf(this.#selectedPoints) ?? this.#points.at(-1)
  }

  /** @param {number} index */
  #pick(index) {
    const run = this.#runs().find(([first, last]) => index >= first - 1 && index <= last + 1)
    if (run === undefined) this.#select(index, index)
    else this.#select(run[0], run[1])
  }

  /** @param {number} first @param {number} last */
  #select(first, last) {
    this.#selection = this.#times(Math.min(first, last), Math.max(first, last))
    setText(this.#outcome, '')
    this.#showAll()
  }

  /** @param {number} step a period earlier (-1) at the start, or later (1) at the end */
  #grow(step) {
    const [first, last] = this.#indices() ?? [this.#points.length - 1, this.#points.length - 1]
    this.#select(step < 0 ? first - 1 : first, step > 0 ? last + 1 : last)
  }

  /** @returns {readonly [number, number] | undefined} */
  #indices() {
    const selected = this.#selectedPoints
    const [first] = selected
    if (first === undefined) return undefined
    const at = this.#points.indexOf(first)
    return [at, at + selected.length - 1]
  }

  /** @param {number | null} index */
  #hover(index) {
    const point = index === null ? this.#shown : this.#points[index]
    this.#readout.replaceChildren(...readout(point, this.#input))
  }

  /** @param {KeyboardEvent} pressed */
  #keydown(pressed) {
    const end = this.#points.length - 1
    const at = this.#keyAt < 0 || this.#keyAt > end ? (this.#indices()?.[1] ?? end) : this.#keyAt
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: end })
    const wanted = steps[pressed.key]
    if (wanted === undefined || end < 0) return
    pressed.preventDefault()
    this.#keyAt = Math.min(end, Math.max(0, wanted))
    this.#chart.point(this.#keyAt)
    if (!pressed.shiftKey) return
    const [first, last] = this.#indices() ?? [at, at]
    // The end at which the cursor stands is the one that moves.
    if (at === first && this.#keyAt < at) this.#select(this.#keyAt, last)
    else if (at === last) this.#select(first, this.#keyAt)
    else this.#select(at, this.#keyAt)
  }

  /** @param {VerdictLabel} label */
  async #say(label) {
    const series = this.#series
    const selected = this.#selectedPoints
    if (series === undefined || selected.length === 0) {
      setText(this.#outcome, 'Select a range first: drag over the chart, or pick a marked point.')
      return
    }
    setText(this.#outcome, 'Telling the detector …')
    this.#outcome.dataset['kind'] = 'wait'
    const facts = { periodMs: this.#periodMs, newest: this.#points.at(-1) }
    try {
      await giveFeedback(series, selected, label, facts)
      this.#outcome.dataset['kind'] = 'done'
      setText(this.#outcome, `Applied: ${VERDICTS[label].title.toLowerCase()}.`)
    } catch (thrown) {
      this.#outcome.dataset['kind'] = 'failed'
      const lost = 'Not applied: Tidegauge does not answer. Try again when it is back.'
      setText(this.#outcome, thrown instanceof ApiError ? `Not applied: ${thrown.message}` : lost)
    }
    this.#showAll()
  }

  /** @param {SeriesSummary} series */
  #showLabels(series) {
    this.#labels.replaceChildren(labelList(series))
  }

  /** @param {SeriesSummary} series */
  #showInputs({ inputs }) {
    this.#inputs.hidden = inputs.length < 2
    const buttons = inputs.map((name, i) => {
      const choose = () => {
        this.#input = i
        for (const [j, button] of buttons.entries()) button.setAttribute('aria-pressed', String(j === i))
        this.#showAll()
      }
      return h(
        'button',
        { type: 'button', 'aria-pressed': String(i === this.#input), on: { click: choose } },
        cut(name, 80),
      )
    })
    this.#inputs.replaceChildren(...buttons)
  }

  #showAll() {
    const periodMs = this.#periodMs
    const verdicts = verdictsOf(this.id).map(({ fromMs, toMs, label }) => ({
      fromMs,
      toMs,
      title: VERDICTS[label].title,
    }))
    this.#chart.select(this.#indices())
    const forecast = this.#forecasts.find(({ input }) => input === this.#series?.inputs[this.#input])
    const fan = fanOf(forecast, this.#points.length)
    this.#fanKey.hidden = fan === undefined
    this.#forecastPanel.hidden = forecast === undefined
    if (forecast !== undefined) this.#forecastTable.replaceChildren(forecastTable(forecast, this.newestMs ?? 0))
    this.#chart.show({ points: this.#points, input: this.#input, changes: this.#changes, verdicts, periodMs, fan })
    const selected = this.#selectedPoints
    const shown = this.#shown
    this.#readout.replaceChildren(...readout(shown, this.#input))
    this.#why.replaceChildren(attribution(shown, this.#series?.inputs ?? [], periodMs))
    setText(this.#selected, selectionText(selected, periodMs, this.#input))
    this.#said.replaceChildren(verdictList(this.id, this.#points))
    this.#changeList.replaceChildren(changeList(this.#changes))
    this.#showTable()
  }

  #showTable() {
    if (this.#details.open) this.#table.replaceChildren(pointTable(this.#points, this.#input))
  }
}

/** @param {string} title @param {...Node} content */
const panel = (title, ...content) =>
  h('section', { class: 'panel', 'aria-label': title }, h('h3', {}, title), ...content)

const legend = () =>
  [
    ['value', 'value'],
    ['expected', 'expected'],
    ['band', 'band'],
    ['anomaly', 'anomaly'],
  ].map(([kind, text]) => h('span', {}, h('i', { class: `key key-${kind}` }), text ?? ''))
