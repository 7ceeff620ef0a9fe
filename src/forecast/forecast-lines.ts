import type { QuantileForecast } from './accuracy.ts'
import { type Frequency, timeOfStep } from './frequency.ts'
import type { SeriesRecord } from './series-lines.ts'

const DIGITS = 7

const rounded = (values: Float64Array) => Array.from(values, (value) => Number(value.toPrecision(DIGITS)))

/** `2024-01-31 23:00:00`, UTC. */
export function formatStart(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** One forecast window as a JSON line: where it begins, its quantiles by level, its mean. */
export function forecastLine(
  series: SeriesRecord,
  startIndex: number,
  frequency: Frequency,
  forecast: QuantileForecast,
): string {
  const { levels, quantiles, mean } = forecast
  return JSON.stringify({
    item_id: series.itemId,
    start: formatStart(timeOfStep(series.startMs, frequency, startIndex)),
    start_index: startIndex,
    quantiles: Object.fromEntries(levels.map((level, i) => [String(level), rounded(quantiles[i]!)])),
    mean: rounded(mean),
  })
}
