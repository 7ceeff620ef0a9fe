import { breakable, h } from './dom.js'
import { ago, alarmText, cut, duration, number, time } from './format.js'

/** @import { AlarmChange, AlarmSummary, HealthProblem, Page, PartitionStatus, PipelineStatus, SeriesSummary } from '../../../runtime/views.ts' */
/**
 * @typedef {object} Overview
 * @property {readonly PipelineStatus[]} pipelines
 * @property {readonly HealthProblem[]} problems
 * @property {readonly HealthProblem[]} degraded what is missing although the rest works
 * @property {Page<SeriesSummary>} worst
 * @property {Page<AlarmSummary>} alarms
 * @property {readonly AlarmChange[]} changes into and out of ALARM, newest first
 */

/** What is wrong now, and whether the watching itself is well. @param {Overview} overview */
export function overviewPanel({ pipelines, problems, degraded, alarms, changes }) {
  return h(
    'div',
    { class: 'overview' },
    problems.length > 0 && problemPanel('problems', 'Tidegauge itself', problems),
    degraded.length > 0 && problemPanel('degraded', 'Missing, while the rest works', degraded),
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'alarms-title' },
      h('h2', { id: 'alarms-title' }, 'In alarm', h('span', { class: 'count' }, String(alarms.total))),
      alarms.total === 0
        ? h('p', { class: 'nothing' }, quiet(pipelines))
        : h('ul', { class: 'alarm-list' }, ...alarms.items.map(alarmItem)),
      alarms.total > alarms.items.length &&
        h('p', { class: 'nothing' }, `${alarms.total - alarms.items.length} more are in alarm; search to find them.`),
    ),
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'pipelines-title' },
      h('h2', { id: 'pipelines-title' }, 'Pipelines'),
      ...pipelines.map(pipelinePanel),
    ),
    changes.length > 0 &&
      h(
        'section',
        { class: 'panel', 'aria-labelledby': 'changes-title' },
        h('h2', { id: 'changes-title' }, 'Lately'),
        h('ul', { class: 'alarm-list' }, ...changes.map(changeItem)),
      ),
  )
}

/** @param {readonly PipelineStatus[]} pipelines */
function quiet(pipelines) {
  const series = pipelines.reduce((sum, pipeline) => sum + pipeline.series, 0)
  const learning = pipelines.reduce((sum, { training }) => sum + training.PENDING_TRAINING, 0)
  if (series === 0) return 'No series have come yet.'
  const rest = learning === 0 ? '' : ` ${learning} ${learning === 1 ? 'is' : 'are'} still being learned.`
  return `None of ${series} series is in alarm.${rest}`
}

/** @param {string} kind @param {string} title @param {readonly HealthProblem[]} problems */
function problemPanel(kind, title, problems) {
  const items = problems.map(({ reason, pipeline, detail }) =>
    h(
      'li',
      {},
      h('strong', {}, reason.replaceAll('_', ' ')),
      pipeline === null ? ': ' : ` (${pipeline}): `,
      cut(detail, 400),
    ),
  )
  return h(
    'section',
    { class: `panel ${kind}`, 'aria-labelledby': `${kind}-title` },
    h('h2', { id: `${kind}-title` }, title),
    h('ul', { class: 'problem-list' }, ...items),
  )
}

/** @param {Omit<AlarmSummary, 'labels' | 'reasonCode' | 'reasonData'>} alarm */
function alarmItem({ alarm, seriesId, seriesKey, state, sinceMs, reason, pipeline }) {
  return h(
    'li',
    {},
    h(
      'a',
      { href: `#/series/${seriesId}`, class: 'alarm-item' },
      h('span', { class: 'state', 'data-state': state }, alarmText(state)),
      h('span', { class: 'alarm-series' }, ...breakable(cut(seriesKey, 200))),
      h('span', { class: 'alarm-since' }, time(sinceMs)),
      h('span', { class: 'alarm-reason' }, h('b', {}, cut(alarm, 80)), ` ${cut(reason, 300)}`),
      h('span', { class: 'alarm-pipeline' }, cut(pipeline, 80)),
    ),
  )
}

/** @param {AlarmChange} change */
const changeItem = ({ to, timestampMs, ...rest }) => alarmItem({ ...rest, state: to, sinceMs: timestampMs })

/** @param {PipelineStatus} pipeline */
function pipelinePanel({ name, state, source, period, lag, series, training, alarms, partitions, error }) {
  const nowMs = Date.now()
  const figures = /** @type {const} */ ([
    ['lag', `${number(lag)} ${lag === 1 ? 'record' : 'records'}`],
    ['series', number(series)],
    ['trained', number(training.TRAINED)],
    ['in alarm', number(alarms.ALARM)],
    ['event time', eventTime(partitions, nowMs)],
    ['checkpoint', oldestCheckpoint(partitions, nowMs)],
    ['partitions', partitionStates(partitions)],
  ])
  return h(
    'article',
    { class: 'pipeline' },
    h(
      'header',
      {},
      h('h3', {}, name),
      h('span', { class: 'state', 'data-state': state }, state),
      h('span', { class: 'source' }, `${source}, every ${period}`),
    ),
    h(
      'dl',
      { class: 'figures' },
      ...figures.map(([what, value]) => h('div', {}, h('dt', {}, what), h('dd', {}, value))),
    ),
    error !== null && h('p', { class: 'error' }, `${error.code}: ${cut(error.message, 600)}`),
    partitions.length > 1 && partitionTable(partitions, nowMs),
  )
}

/** How many are in which state: `3 running, 1 restoring`. @param {readonly PartitionStatus[]} partitions */
function partitionStates(partitions) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const { state } of partitions) counts.set(state, (counts.get(state) ?? 0) + 1)
  return counts.size === 0 ? 'none assigned' : [...counts].map(([state, count]) => `${count} ${state}`).join(', ')
}

/** @param {readonly PartitionStatus[]} partitions @param {number} nowMs */
function eventTime(partitions, nowMs) {
  const known = partitions.map(({ watermarkMs }) => watermarkMs).filter((ms) => ms !== null)
  return known.length === 0 ? '–' : `${duration(nowMs - Math.min(...known))} behind`
}

/** @param {readonly PartitionStatus[]} partitions @param {number} nowMs */
function oldestCheckpoint(partitions, nowMs) {
  const known = partitions.map(({ checkpointedAtMs }) => checkpointedAtMs).filter((ms) => ms !== null)
  return known.length === 0 ? 'none yet' : ago(Math.min(...known), nowMs)
}

/** @param {readonly PartitionStatus[]} partitions @param {number} nowMs */
function partitionTable(partitions, nowMs) {
  const head = ['partition', 'state', 'offset', 'lag', 'event time', 'checkpoint', 'series']
  const rows = partitions.map((each) =>
    [
      `${each.topic}-${each.partition}`,
      each.state,
      each.position,
      number(each.lag),
      eventTime([each], nowMs),
      oldestCheckpoint([each], nowMs),
      number(each.series),
    ].map((text) => h('td', {}, text)),
  )
  return h(
    'details',
    {},
    h('summary', {}, `${partitions.length} partitions`),
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        { class: 'table' },
        h('thead', {}, h('tr', {}, ...head.map((text) => h('th', { scope: 'col' }, text)))),
        h('tbody', {}, ...rows.map((cells) => h('tr', {}, ...cells))),
      ),
    ),
  )
}
