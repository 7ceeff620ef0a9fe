import { drawFan } from './forecast.js'

/** @import uPlot from './uplot/uPlot.esm.js' */
/** @import { Palette } from './chart-options.js' */
/** @import { ChartData } from './chart.js' */

/**
 * Everything on the charts that is no line: drawn on uPlot's canvas, in its pixels.
 *
 * @param {uPlot} chart
 * @param {(context: CanvasRenderingContext2D, ratio: number) => void} paint
 */
function clipped(chart, paint) {
  const { ctx, bbox } = chart
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  paint(ctx, devicePixelRatio)
  ctx.restore()
}

/** @param {uPlot} chart @param {number} ms */
const xOf = (chart, ms) => chart.valToPos(ms / 1000, 'x', true)

/** Behind the lines: a column for each anomalous period, what people said of ranges, and the forecast. @param {uPlot} chart @param {ChartData} data @param {Palette} colours */
export function drawBehind(chart, { points, periodMs, verdicts, fan }, colours) {
  clipped(chart, (context, ratio) => {
    const { top, height } = chart.bbox
    context.fillStyle = colours.verdict
    for (const { fromMs, toMs } of verdicts) {
      const left = xOf(chart, fromMs - periodMs / 2)
      context.fillRect(left, top, xOf(chart, toMs - periodMs / 2) - left, height)
    }
    context.fillStyle = colours.column
    for (const { timestampMs, grade } of points) {
      if (grade === 0) continue
      const left = xOf(chart, timestampMs - periodMs / 2)
      const width = Math.max(2 * ratio, xOf(chart, timestampMs + periodMs / 2) - left)
      context.globalAlpha = 0.35 + 0.65 * grade
      context.fillRect(left, top, width, height)
    }
    context.globalAlpha = 1
    if (fan !== undefined) drawFan(chart, fan, colours, context, ratio)
  })
}

/** On top: a dot on each anomalous value, a tick where there was no data, a line where an alarm changed. @param {uPlot} chart @param {ChartData} data @param {Palette} colours */
export function drawOnTop(chart, { points, input, changes, verdicts }, colours) {
  clipped(chart, (context, ratio) => {
    const { top, height } = chart.bbox
    for (const point of points) {
      const { value, observed } = point.inputs[input] ?? { value: null, observed: false }
      const x = xOf(chart, point.timestampMs)
      if (!observed) {
        context.fillStyle = colours.dim
        context.fillRect(x - ratio / 2, top + height - 6 * ratio, ratio, 6 * ratio)
      } else if (point.grade > 0 && value !== null) {
        context.beginPath()
        context.arc(x, chart.valToPos(value, 'y', true), (2.5 + 1.5 * point.grade) * ratio, 0, 2 * Math.PI)
        context.fillStyle = colours.anomaly
        context.fill()
        context.lineWidth = ratio
        context.strokeStyle = colours.surface
        context.stroke()
      }
    }
  })
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  ctx.save()
  ctx.font = `${11 * ratio}px system-ui, sans-serif`
  ctx.lineWidth = ratio
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  let free = bbox.left
  for (const { timestampMs, to, alarm } of changes) {
    const x = xOf(chart, timestampMs)
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.strokeStyle = ctx.fillStyle = to === 'ALARM' ? colours.alarm : to === 'OK' ? colours.ok : colours.dim
    ctx.setLineDash(to === 'ALARM' ? [] : [3 * ratio, 3 * ratio])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top - 4 * ratio)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    if (to !== 'ALARM') continue
    const text = `▲ ${alarm.slice(0, 24)}`
    const width = ctx.measureText(text).width
    // A label that would run into the one before it is left out: the list below the chart has them all.
    const left = Math.min(x, bbox.left + bbox.width - width)
    if (left < free) continue
    ctx.fillText(text, left, bbox.top - 7 * ratio)
    free = left + width + 8 * ratio
  }
  // What people said stands beside its range, over lines: with a rim in the colour of the ground.
  ctx.fillStyle = colours.ink
  ctx.strokeStyle = colours.surface
  ctx.lineWidth = 3 * ratio
  ctx.lineJoin = 'round'
  ctx.setLineDash([])
  for (const { fromMs, toMs, title } of verdicts) {
    const text = `✎ ${title}`
    const width = ctx.measureText(text).width
    const [right, end] = [bbox.left + bbox.width, xOf(chart, toMs) + 4 * ratio]
    const x = end + width <= right ? end : xOf(chart, fromMs) - width - 4 * ratio
    // Out of sight to the left, or so long that it leaves room on neither side.
    if (end < bbox.left || x < bbox.left) continue
    const y = bbox.top + bbox.height - 8 * ratio
    ctx.strokeText(text, x, y)
    ctx.fillText(text, x, y)
  }
  ctx.restore()
}

/** The grades as bars. @param {uPlot} chart @param {ChartData} data @param {Palette} colours */
export function drawGrades(chart, { points, periodMs }, colours) {
  clipped(chart, (context, ratio) => {
    const zero = chart.valToPos(0, 'y', true)
    context.fillStyle = colours.anomaly
    for (const { timestampMs, grade } of points) {
      if (grade === 0) continue
      const left = xOf(chart, timestampMs - periodMs / 2)
      const width = Math.max(2 * ratio, xOf(chart, timestampMs + periodMs / 2) - left - ratio)
      const top = chart.valToPos(grade, 'y', true)
      context.fillRect(left, top, width, zero - top)
    }
  })
}
