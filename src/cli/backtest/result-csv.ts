import type { CsvSeries } from '../../adapters/csv/read-series.ts'
import type { SeriesRun } from './run-series.ts'

const HEADER = 'timestamp,value,anomaly_score,anomaly_grade,yhat,yhat_lower,yhat_upper,reason'

function cell(value: number): string {
  return Number.isNaN(value) ? '' : String(value)
}

/** The result file of one series: its rows in order, timestamps as they were written; no number where there is none. */
export function resultCsv(series: CsvSeries, run: SeriesRun): string {
  const lines = [HEADER]
  run.points.forEach((point, i) => {
    const input = point.inputs[0]
    const text = series.texts[i] ?? ''
    lines.push(
      [
        text.includes(',') ? `"${text}"` : text,
        cell(series.values[i] ?? Number.NaN),
        cell(point.score),
        cell(point.grade),
        cell(input?.expected ?? Number.NaN),
        cell(input?.lower ?? Number.NaN),
        cell(input?.upper ?? Number.NaN),
        point.reason,
      ].join(','),
    )
  })
  return `${lines.join('\n')}\n`
}
