import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withForecasting } from '../../src/app/forecasting/engine.ts'
import { parseFrequency } from '../../src/forecast/frequency.ts'
import { dailySeries } from '../../tests/support/metric-series.ts'
import { standalone } from './pictures.ts'

const HORIZON = 36
const SHOWN = 96
const LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
const [WIDTH, HEIGHT] = [1_200, 300]

/**
 * Trains a small model on eight made series, and draws how it forecasts the end of one that it has not seen. Apart from
 * the other pictures, because TensorFlow's sums may differ between machines in the last bits.
 */
async function deepArPicture(): Promise<string> {
  const all = dailySeries(8, 700)
  const learned = all.map((series) => ({
    ...series,
    target: series.target.subarray(0, series.target.length - HORIZON),
  }))
  const frequency = parseFrequency('h')
  const forecasts = await withForecasting(async (engine) => {
    const { model } = await engine.fit(learned, {
      frequency,
      horizon: HORIZON,
      context: 72,
      cells: 16,
      steps: 400,
      seed: 1,
    })
    return engine.forecast(model, learned.slice(0, 1), { horizon: HORIZON, samples: 200, seed: 1, levels: LEVELS })
  })
  const [target, forecast] = [all[0]?.target, forecasts[0]?.forecast]
  if (target === undefined || forecast === undefined) throw new Error('there is no forecast')
  const values = target.subarray(target.length - SHOWN)
  const [low, high] = [Math.min(...values) * 0.9, Math.max(...values) * 1.1]
  const x = (i: number) => ((WIDTH * i) / (SHOWN - 1)).toFixed(1)
  const y = (value: number) => (HEIGHT * (1 - (value - low) / (high - low))).toFixed(1)
  const start = SHOWN - HORIZON
  const line = (points: ArrayLike<number>, from: number) =>
    Array.from(points, (value, i) => `${i === 0 ? 'M' : 'L'}${x(from + i)} ${y(value)}`).join('')
  const areas = Array.from({ length: Math.floor(LEVELS.length / 2) }, (_, i) => {
    const [lower, upper] = [forecast.quantiles[i] ?? [], forecast.quantiles[LEVELS.length - 1 - i] ?? []]
    const back = Array.from(lower, (value, j) => `L${x(start + j)} ${y(value)}`).reverse()
    return `<path style="fill:#8250df;fill-opacity:.16" d="${line(upper, start)}${back.join('')}Z"/>`
  })
  const middle = `<path class="score" d="${line(forecast.quantiles[Math.floor(LEVELS.length / 2)] ?? [], start)}"/>`
  const text = `<text x="${x(start)}" y="-10">from here on: the forecast, and beside it what came</text>`
  const content = `${areas.join('')}${middle}<path class="value" d="${line(values, 0)}"/>${text}`
  return standalone(WIDTH, HEIGHT, 'A forecast of a day and a half, and what came', content)
}

// node --import tsx deploy/docs/deepar-picture.ts
writeFileSync(join(import.meta.dirname, 'pictures', 'deepar.svg'), await deepArPicture())
