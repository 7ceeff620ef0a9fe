import type { ScoredPoint } from '../../band/scored-point.ts'

/** A metric of every series: its name here and, where vmanomaly has one, its name there. */
export interface SeriesMetricSpec {
  readonly name: `tidegauge_${string}`
  readonly vmanomaly: string
  readonly help: string
}

export const SERIES_METRICS = {
  value: { name: 'tidegauge_value', vmanomaly: 'y', help: 'The statistic of the newest closed period.' },
  expected: { name: 'tidegauge_expected_value', vmanomaly: 'yhat', help: 'What that period was expected to be.' },
  lower: { name: 'tidegauge_band_lower', vmanomaly: 'yhat_lower', help: 'Lower edge of the expected band.' },
  upper: { name: 'tidegauge_band_upper', vmanomaly: 'yhat_upper', help: 'Upper edge of the expected band.' },
  score: {
    name: 'tidegauge_anomaly_score',
    vmanomaly: 'anomaly_score',
    help: 'How unusual the newest period is; 0 or more, comparable between series.',
  },
  grade: {
    name: 'tidegauge_anomaly_grade',
    vmanomaly: 'anomaly_grade',
    help: 'How anomalous the newest period is, after all rules: 0 (normal) to 1.',
  },
  confidence: {
    name: 'tidegauge_confidence',
    vmanomaly: 'anomaly_confidence',
    help: 'How much was learned of the series: 0 to 1.',
  },
  attribution: {
    name: 'tidegauge_anomaly_attribution',
    vmanomaly: 'tidegauge_anomaly_attribution',
    help: 'The largest shares of the score of the newest period, when it is graded; they sum to 1 with those not shown.',
  },
  forecast: {
    name: 'tidegauge_forecast_value',
    vmanomaly: 'tidegauge_forecast_value',
    help: 'Quantile of the forecast, for its first, middle and last period; horizon is how far ahead.',
  },
  alarm: {
    name: 'tidegauge_alarm_state',
    vmanomaly: 'tidegauge_alarm_state',
    help: 'State of an alarm of the series: 0 OK, 1 INSUFFICIENT_DATA, 2 ALARM.',
  },
} as const satisfies Readonly<Record<string, SeriesMetricSpec>>
export type SeriesMetricId = keyof typeof SERIES_METRICS

/**
 * Visits the values of a point, those of its inputs first, each under its metric. `input` is the place of the input that
 * a value belongs to, undefined where it is the series'.
 */
export function visitValues(
  { inputs, score, grade, confidence }: Pick<ScoredPoint, 'inputs' | 'score' | 'grade' | 'confidence'>,
  visit: (id: SeriesMetricId, value: number, input?: number) => void,
): void {
  inputs.forEach(({ value, expected, lower, upper }, i) => {
    visit('value', value, i)
    visit('expected', expected, i)
    visit('lower', lower, i)
    visit('upper', upper, i)
  })
  visit('score', score)
  visit('grade', grade)
  visit('confidence', confidence)
}
