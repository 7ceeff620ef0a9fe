import { METRICS } from '../src/adapters/prometheus/metrics.ts'
import { SERIES_METRICS } from '../src/adapters/prometheus/series-metrics.ts'

/** Names for queries, from the table that the service exposes by: a metric that is renamed there is renamed here. */
export const NAMES = {
  value: SERIES_METRICS.value.name,
  expected: SERIES_METRICS.expected.name,
  lower: SERIES_METRICS.lower.name,
  upper: SERIES_METRICS.upper.name,
  score: SERIES_METRICS.score.name,
  grade: SERIES_METRICS.grade.name,
  confidence: SERIES_METRICS.confidence.name,
  alarmState: SERIES_METRICS.alarm.name,
  alarms: METRICS.alarms.name,
  seriesExposed: METRICS.seriesExposed.name,
  lag: METRICS.lag.name,
} as const
