import { postJson } from './api.js'
import { h } from './dom.js'
import { duration, grade, number, range, time } from './format.js'

/** @import { PointView, SeriesSummary } from '../../../runtime/views.ts' */

export const VERDICTS = /** @type {const} */ ({
  incident: { title: 'Incident', means: 'It was real. Unlearn the range, so that it never counts as normal.' },
  expected: { title: 'Expected', means: 'There was a known cause. Unlearn it, and raise nothing while it lasts.' },
  newNormal: { title: 'New normal', means: 'It stays like this. Take the range as normal from now on.' },
  notAnomaly: { title: 'Not an anomaly', means: 'Do not raise this much again for this series.' },
})

/** @typedef {keyof typeof VERDICTS} VerdictLabel */
/**
 * What was said in this tab of a range, and how the range looked then.
 *
 * @typedef {object} Verdict
 * @property {VerdictLabel} label
 * @property {number} fromMs inclusive
 * @property {number} toMs exclusive
 * @property {number} newestMs the newest point when it was said
 * @property {number} grade the highest in the range
 * @property {number} score
 * @property {readonly [number, number] | null} band of the newest point when it was said, lower and upper
 */

const KEPT = 20
const keyOf = (/** @type {string} */ id) => `tidegauge-verdicts-${id}`

/** @param {string} id @returns {readonly Verdict[]} */
export function verdictsOf(id) {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(id)) ?? '[]')
  } catch {
    return []
  }
}

/** @param {string} id @param {Verdict} verdict */
function remember(id, verdict) {
  sessionStorage.setItem(keyOf(id), JSON.stringify([...verdictsOf(id), verdict].slice(-KEPT)))
}

/**
 * Tells the detector, and remembers that it was told. Throws what the API says when it says no.
 *
 * @param {SeriesSummary} series
 * @param {readonly PointView[]} selected
 * @param {VerdictLabel} label
 * @param {{ readonly periodMs: number, readonly newest: PointView | undefined }} facts
 */
export async function giveFeedback(series, selected, label, { periodMs, newest }) {
  const first = selected[0]
  const last = selected.at(-1)
  if (first === undefined || last === undefined) return
  const fromMs = first.timestampMs
  const toMs = last.timestampMs + periodMs
  const body = { pipeline: series.pipeline, series: series.id, from: String(fromMs), to: String(toMs), label }
  await postJson('api/v1/feedback', body)
  const worst = worstOf(selected)
  const newestMs = newest?.timestampMs ?? 0
  const { grade = 0, score = 0 } = worst ?? {}
  remember(series.id, { label, fromMs, toMs, newestMs, grade, score, band: bandOf(newest) })
}

/** The first of the worst: grades that look the same are, and an anomaly's beginning says best what it is. @param {readonly PointView[]} points */
export function worstOf(points) {
  const shown = (/** @type {PointView} */ point) => Math.round(100 * point.grade)
  let worst = points[0]
  for (const point of points) {
    if (worst === undefined || shown(point) > shown(worst)) worst = point
  }
  return worst
}

/**
 * What became of a verdict: how the periods since then are graded.
 *
 * @param {Verdict} verdict
 * @param {readonly PointView[]} points
 */
function effect({ newestMs, grade: before, band }, points) {
  const since = points.filter(({ timestampMs }) => timestampMs > newestMs)
  if (since.length === 0) return `Applied. It had grade ${grade(before)}; what comes next is judged by it.`
  const worst = worstOf(since)
  const quiet = since.filter(({ reason }) => reason === 'suppressed_feedback').length
  const length = `${since.length} ${since.length === 1 ? 'period' : 'periods'}`
  const passed = quiet > 0 ? ` ${quiet} of them were let pass because of it.` : ''
  const judged = `in the ${length} since then the highest is ${grade(worst?.grade ?? 0)}`
  return `Applied. It had grade ${grade(before)}; ${judged}.${passed}${bandEffect(band, bandOf(since[0]))}`
}

/** The band before the verdict, and of the first period after it. @param {Verdict['band']} before @param {Verdict['band']} after */
function bandEffect(before, after) {
  if (!before || !after) return ''
  const text = (/** @type {readonly [number, number]} */ [lower, upper]) => `${number(lower)} … ${number(upper)}`
  return text(before) === text(after) ? '' : ` The band went from ${text(before)} to ${text(after)}.`
}

/** Of the first input. @param {PointView | undefined} point @returns {readonly [number, number] | null} */
function bandOf(point) {
  const { lower = null, upper = null } = point?.inputs[0] ?? {}
  return lower === null || upper === null ? null : [lower, upper]
}

/** What was said of this series in this tab. @param {string} id @param {readonly PointView[]} points */
export function verdictList(id, points) {
  const verdicts = [...verdictsOf(id)].reverse()
  const items = verdicts.map((verdict) =>
    h(
      'li',
      {},
      h('strong', {}, VERDICTS[verdict.label].title),
      ` ${range(verdict.fromMs, verdict.toMs)} `,
      h('span', { class: 'effect' }, effect(verdict, points)),
    ),
  )
  return h('ul', { class: 'verdicts', 'aria-label': 'Said so far' }, ...items)
}

/**
 * What the buttons are about. @param {readonly PointView[]} selected @param {number} periodMs @param {number} input
 */
export function selectionText(selected, periodMs, input) {
  const first = selected[0]
  const last = selected.at(-1)
  if (first === undefined || last === undefined) return 'Nothing is selected.'
  const worst = worstOf(selected)
  if (selected.length === 1) {
    return `${time(first.timestampMs)}: value ${number(first.inputs[input]?.value)}, grade ${grade(first.grade)}`
  }
  const length = duration(last.timestampMs + periodMs - first.timestampMs)
  const when = range(first.timestampMs, last.timestampMs + periodMs)
  return `${when} (${selected.length} periods, ${length}), highest grade ${grade(worst?.grade ?? 0)}`
}
