import { getJson } from './api.js'
import { h } from './dom.js'
import { duration, number, time } from './format.js'

/** @import uPlot from './uplot/uPlot.esm.js' */
/** @import { SeriesForecastView } from '../../../runtime/views.ts' */
/** @import { Palette } from './chart-options.js' */

/** Rows of the table; a forecast may have ten thousand periods. */
const ROWS = 8
/** What the fan may take of the chart: the periods before it are what it is judged by. */
const SHARE_MAX = 0.5
const PERIODS_MIN = 12

/**
 * What is drawn of a forecast: the periods that fit beside the points, and its quantiles from the lowest to the highest.
 *
 * @typedef {object} Fan
 * @property {number} startMs
 * @property {number} periodMs
 * @property {number} endMs end of the last period drawn
 * @property {readonly { readonly level: number, readonly values: readonly number[] }[]} quantiles
 */

/**
 * The newest forecasts of a series; none where it is not forecast, or by a process that does not forecast.
 *
 * @param {string} id
 * @returns {Promise<readonly SeriesForecastView[]>}
 */
export async function newestForecasts(id) {
  try {
    const { forecasts } = await getJson(`api/v1/series/${encodeURIComponent(id)}/forecast`, {})
    return forecasts
  } catch {
    return []
  }
}

/** @param {SeriesForecastView | undefined} forecast @param {number} points @returns {Fan | undefined} */
export function fanOf(forecast, points) {
  if (forecast === undefined) return undefined
  const { startMs, periodMs } = forecast
  const periods = Math.min(forecast.mean.length, Math.max(PERIODS_MIN, Math.floor(points * SHARE_MAX)))
  const quantiles = [...forecast.quantiles]
    .sort((a, b) => a.level - b.level)
    .map(({ level, values }) => ({ level, values: values.slice(0, periods) }))
  if (periods === 0 || quantiles.length === 0) return undefined
  return { startMs, periodMs, endMs: startMs + periods * periodMs, quantiles }
}

/** The lowest and the highest value of a fan. @param {Fan | undefined} fan @returns {readonly [number, number] | undefined} */
export function spanOf(fan) {
  const values = fan?.quantiles.flatMap((quantile) => quantile.values) ?? []
  return values.length === 0 ? undefined : [Math.min(...values), Math.max(...values)]
}

/** Each pair of quantiles as an area, the outer ones palest; the middle one as a line. @param {uPlot} chart @param {Fan} fan @param {Palette} colours @param {CanvasRenderingContext2D} context @param {number} ratio */
export function drawFan(chart, { startMs, periodMs, quantiles }, colours, context, ratio) {
  const x = (/** @type {number} */ i) => chart.valToPos((startMs + i * periodMs) / 1000, 'x', true)
  const y = (/** @type {number} */ value) => chart.valToPos(value, 'y', true)
  context.fillStyle = colours.forecast
  for (let i = 0; i < Math.floor(quantiles.length / 2); i++) {
    const low = quantiles[i]?.values ?? []
    const high = quantiles[quantiles.length - 1 - i]?.values ?? []
    context.globalAlpha = 0.16
    context.beginPath()
    for (const [j, value] of high.entries()) context.lineTo(x(j), y(value))
    for (let j = low.length - 1; j >= 0; j--) context.lineTo(x(j), y(low[j] ?? 0))
    context.closePath()
    context.fill()
  }
  context.globalAlpha = 1
  const middle = quantiles[Math.floor((quantiles.length - 1) / 2)]?.values ?? []
  context.beginPath()
  for (const [j, value] of middle.entries()) context.lineTo(x(j), y(value))
  context.strokeStyle = colours.forecast
  context.lineWidth = 1.5 * ratio
  context.stroke()
}

/** The forecast in figures. @param {SeriesForecastView} forecast @param {number} newestMs the newest point */
export function forecastTable({ modelVersion, startMs, periodMs, mean, quantiles }, newestMs) {
  const levels = [...quantiles].sort((a, b) => a.level - b.level)
  const step = Math.max(1, Math.ceil(mean.length / ROWS))
  const at = Array.from({ length: Math.ceil(mean.length / step) }, (_, i) => Math.min(mean.length, (i + 1) * step) - 1)
  const percent = (/** @type {number} */ level) => `${Number((100 * level).toFixed(1))} %`
  const rows = at.map((i) =>
    h(
      'tr',
      {},
      ...[time(startMs + i * periodMs), number(mean[i]), ...levels.map(({ values }) => number(values[i]))].map((text) =>
        h('td', {}, text),
      ),
    ),
  )
  const made = newestMs >= startMs ? `Made ${duration(newestMs + periodMs - startMs)} ago (event time)` : 'Just made'
  const length = `${mean.length} ${mean.length === 1 ? 'period' : 'periods'}, ${duration(mean.length * periodMs)}`
  const head = ['time', 'mean', ...levels.map(({ level }) => percent(level))]
  return h(
    'div',
    {},
    h('p', {}, `${made} by model ${modelVersion}: ${length}. A quantile of 10 % is passed downwards one time in ten.`),
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        { class: 'table' },
        h('thead', {}, h('tr', {}, ...head.map((text) => h('th', { scope: 'col' }, text)))),
        h('tbody', {}, ...rows),
      ),
    ),
  )
}
