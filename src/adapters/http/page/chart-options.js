import { spanOf } from './forecast.js'
import { clockOf, dayOf } from './format.js'
import uPlot from './uplot/uPlot.esm.js'

/** @import { Fan } from './forecast.js' */

/** Width of the value axis, px: the same for both charts, so that their times stand above each other. */
const AXIS_PX = 58
const DAY_S = 86_400
const HALF_HOUR_S = 1_800

/** Colours as the style sheet has them now, light or dark. */
export function palette() {
  const style = getComputedStyle(document.documentElement)
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim()
  return {
    ink: colour('ink'),
    dim: colour('dim'),
    grid: colour('grid'),
    expected: colour('expected'),
    band: colour('band'),
    anomaly: colour('anomaly'),
    column: colour('anomaly-column'),
    alarm: colour('alarm'),
    ok: colour('ok'),
    verdict: colour('verdict'),
    forecast: colour('forecast'),
    surface: colour('surface'),
  }
}

/** @typedef {ReturnType<typeof palette>} Palette */

/** Ticks in 24 hours, with the day where it is another one; as times are written everywhere. @type {uPlot.Axis.DynamicValues} */
function timeLabels(_, splits, _axis, _space, incrementS) {
  let day = ''
  return splits.map((seconds) => {
    const before = day
    day = dayOf(seconds * 1000)
    if (incrementS >= DAY_S) return day
    const clock = clockOf(seconds * 1000)
    return day === before ? clock : `${clock}\n${day}`
  })
}

const FONT = '11px system-ui, sans-serif'

/**
 * @param {Palette} colours
 * @param {(value: number) => string} format
 * @returns {[uPlot.Axis, uPlot.Axis]}
 */
function axes(colours, format) {
  const look = { stroke: colours.dim, font: FONT, grid: { stroke: colours.grid, width: 1 } }
  return [
    { ...look, values: timeLabels, space: 64, size: 36, ticks: { show: false } },
    {
      ...look,
      size: AXIS_PX,
      space: 36,
      ticks: { show: false },
      values: (_, splits) => splits.map((split) => (split === null ? '' : format(split))),
    },
  ]
}

/** A line needs two points: one alone is a dot, in the middle of an hour. */
const isAlone = (/** @type {uPlot} */ chart) => chart.data[0].length < 2

/** Times of the points, and of the forecast that is drawn. @param {() => Fan | undefined} fan @returns {uPlot.Scale.Range} */
const timeRange = (fan) => (_, min, max) => {
  const endS = Math.max(max, (fan()?.endMs ?? 0) / 1000)
  return min === endS ? [min - HALF_HOUR_S, endS + HALF_HOUR_S] : [min, endS]
}

/** Values of the points, and of the forecast that is drawn, with room above and below. @param {() => Fan | undefined} fan @returns {uPlot.Scale.Range} */
const valueRange = (fan) => (_, min, max) => {
  const [low, high] = spanOf(fan()) ?? [min, max]
  return min === null ? [null, null] : uPlot.rangeNum(Math.min(min, low), Math.max(max, high), 0.1, true)
}

/**
 * The chart of values: value, expected, lower, upper.
 *
 * @param {Palette} colours
 * @param {(value: number) => string} format
 * @param {{ width: number, height: number }} size
 * @param {() => Fan | undefined} fan
 * @param {uPlot.Hooks.Arrays} hooks
 * @returns {uPlot.Options}
 */
export function valueOptions(colours, format, size, fan, hooks) {
  return {
    ...size,
    padding: [18, 10, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: 'series', setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { show: false },
      y: false,
    },
    scales: { x: { range: timeRange(fan) }, y: { range: valueRange(fan) } },
    axes: axes(colours, format),
    series: [
      {},
      { stroke: colours.ink, width: 1.5, points: { size: 5, fill: colours.ink, show: isAlone } },
      { stroke: colours.expected, width: 1.25, dash: [5, 4], points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
    ],
    bands: [{ series: [4, 3], fill: colours.band }],
    hooks,
  }
}

/**
 * The strip of grades under it, 0 to 1.
 *
 * @param {Palette} colours
 * @param {{ width: number, height: number }} size
 * @param {() => Fan | undefined} fan
 * @param {uPlot.Hooks.Arrays} hooks
 * @returns {uPlot.Options}
 */
export function gradeOptions(colours, size, fan, hooks) {
  const [times, values] = axes(colours, (value) => String(value))
  return {
    ...size,
    padding: [6, 10, 6, 0],
    legend: { show: false },
    cursor: {
      sync: { key: 'series', setSeries: false },
      drag: { x: false, y: false },
      points: { show: false },
      y: false,
    },
    scales: { x: { range: timeRange(fan) }, y: { range: [0, 1] } },
    axes: [
      { ...times, show: false },
      { ...values, splits: [0, 0.5, 1], space: 10 },
    ],
    series: [{}, { stroke: 'transparent', points: { show: false } }],
    hooks,
  }
}
