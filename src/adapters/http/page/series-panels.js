import { h } from './dom.js'
import { alarmText, cut, grade, number, reasonText, time } from './format.js'

/** @import { PointView, SeriesSummary } from '../../../runtime/views.ts' */
/** @import { Change } from './chart.js' */

const ROWS = 60

/** The labels of a series, each whole but in a box of its own. @param {SeriesSummary} series */
export function labelList({ pipeline, labels }) {
  const chips = Object.entries({ pipeline, ...labels }).map(([name, value]) =>
    h('div', { class: 'label' }, h('dt', {}, cut(name, 80)), h('dd', {}, cut(value, 1_100))),
  )
  return h('dl', { class: 'labels' }, ...chips)
}

/** States of the series' alarms, as they are now. @param {SeriesSummary} series */
export function alarmStates({ alarms }) {
  return alarms.map(({ alarm, state, sinceMs }) =>
    h(
      'span',
      { class: 'state', 'data-state': state },
      `${cut(alarm, 60)}: ${alarmText(state)}${state === 'ALARM' ? ` since ${time(sinceMs)}` : ''}`,
    ),
  )
}

/** One point in figures, for the line above the chart. @param {PointView | undefined} point @param {number} input */
export function readout(point, input) {
  if (point === undefined) return []
  const { value, observed, expected, lower, upper } = point.inputs[input] ?? {}
  const figures = /** @type {const} */ ([
    ['time', time(point.timestampMs)],
    ['value', observed === false && value !== null ? `${number(value)} (filled in)` : number(value)],
    ['expected', number(expected)],
    ['band', `${number(lower)} … ${number(upper)}`],
    ['grade', grade(point.grade)],
    ['confidence', point.confidence.toFixed(2)],
  ])
  return [
    ...figures.map(([what, text]) =>
      h('div', { class: 'figure', 'data-figure': what }, h('dt', {}, what), h('dd', {}, text)),
    ),
    h('div', { class: 'figure wide' }, h('dt', {}, 'why'), h('dd', {}, reasonText(point.reason))),
  ]
}

/** Changes of the series' alarms, newest first. @param {readonly Change[]} changes */
export function changeList(changes) {
  if (changes.length === 0) return h('p', { class: 'nothing' }, 'No alarm of this series has changed lately.')
  const items = [...changes]
    .reverse()
    .map(({ alarm, to, timestampMs, reason }) =>
      h(
        'li',
        {},
        h('span', { class: 'state', 'data-state': to }, alarmText(/** @type {any} */ (to))),
        h('time', { dateTime: new Date(timestampMs).toISOString() }, time(timestampMs)),
        h('span', { class: 'alarm-reason' }, h('b', {}, cut(alarm, 80)), ` ${cut(reason, 400)}`),
      ),
    )
  return h('ul', { class: 'changes' }, ...items)
}

/** The newest points in figures: what the chart shows, for those who cannot see it. @param {readonly PointView[]} points @param {number} input */
export function pointTable(points, input) {
  const head = ['time', 'value', 'expected', 'lower', 'upper', 'grade', 'why']
  const rows = points
    .slice(-ROWS)
    .reverse()
    .map((point) => {
      const { value, observed, expected, lower, upper } = point.inputs[input] ?? {}
      const cells = [
        time(point.timestampMs),
        observed === false && value !== null ? `(${number(value)})` : number(value),
        number(expected),
        number(lower),
        number(upper),
        grade(point.grade),
        reasonText(point.reason),
      ]
      return h('tr', { class: point.grade > 0 ? 'anomalous' : '' }, ...cells.map((text) => h('td', {}, text)))
    })
  return h(
    'table',
    { class: 'table' },
    h('thead', {}, h('tr', {}, ...head.map((text) => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, ...rows),
  )
}
