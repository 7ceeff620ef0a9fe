import type { Registry } from 'prom-client'
import { ALARM_STATES } from '../../alarm/state.ts'
import { formatDuration } from '../../core/duration.ts'
import type { Labels } from '../../core/series.ts'
import { TRAINING_STATES, type TrainingState } from '../../forecast/forecaster.ts'
import type {
  AlarmCount,
  AlarmView,
  ExposedSeries,
  ExpositionView,
  ForecastView,
  SeriesForecastView,
} from '../../runtime/views.ts'
import { ALARM_VALUES } from './alarm-values.ts'
import { METRIC_LABEL, NAMINGS, type Naming, seriesMetricName } from './naming.ts'
import type { Metrics } from './registry.ts'
import { SeriesGauge, type SeriesValue } from './series-gauge.ts'
import { identityOf, metricLabels } from './series-labels.ts'
import { SERIES_METRICS, type SeriesMetricId, visitValues } from './series-metrics.ts'

/** How the series of one pipeline are shown. */
export interface Exposure {
  readonly naming: Naming
  /** Series shown at most. */
  readonly seriesLimit: number
  /** Their values reach Prometheus by remote write: here they are counted, and not shown a second time. */
  readonly writtenRemotely?: boolean
}

/** Label objects of one series, made once. */
interface SeriesLabels {
  /** Of what the series has one of: score, grade, confidence. */
  readonly series: Labels
  /** Of what each input has: value and band. With one input, the same object. */
  readonly inputs: readonly Labels[]
  readonly inputNames: readonly string[]
  readonly alarms: Map<string, Labels>
  /** Equal for series that Prometheus could not tell apart. */
  readonly identity: string
}

type Values = Record<SeriesMetricId, SeriesValue[]>

const noValues = (): Values => ({
  value: [],
  expected: [],
  lower: [],
  upper: [],
  score: [],
  grade: [],
  confidence: [],
  attribution: [],
  forecast: [],
  alarm: [],
})

/**
 * The newest point of every series as gauges. Native exposition has no timestamps of its own: a scrape shows the
 * newest closed period at the time of the scrape. What is not known (NaN) is absent, and so is a series that fell silent.
 */
export class SeriesExposition {
  readonly #view: ExpositionView
  readonly #alarms: AlarmView
  readonly #metrics: Metrics
  readonly #exposure: (pipeline: string) => Exposure
  readonly #forecasts: ForecastView | undefined
  readonly #registry: Registry
  readonly #gauges = new Map<string, SeriesGauge>()
  readonly #leftOut = new Map<string, number>()
  #labels = new Map<string, SeriesLabels>()
  #alarmsShown: readonly AlarmCount[] = []

  constructor(
    registry: Registry,
    options: {
      readonly metrics: Metrics
      readonly series: ExpositionView
      readonly alarms: AlarmView
      readonly exposure: (pipeline: string) => Exposure
      readonly forecasts?: ForecastView
    },
  ) {
    this.#registry = registry
    this.#view = options.series
    this.#alarms = options.alarms
    this.#metrics = options.metrics
    this.#exposure = options.exposure
    this.#forecasts = options.forecasts
  }

  /** Takes over what is on the board now; called before each scrape. */
  refresh(): void {
    const values: Readonly<Record<Naming, Values>> = { tidegauge: noValues(), vmanomaly: noValues() }
    const seen = new Set<string>()
    const labels = new Map<string, SeriesLabels>()
    const counts = new Map<string, Counts>()
    let clashes = 0
    for (const row of this.#view.exposed()) {
      const { naming, seriesLimit, writtenRemotely } = this.#exposure(row.pipeline)
      const count = countOf(counts, row.pipeline)
      if (count.shown >= seriesLimit) {
        count.leftOut++
        continue
      }
      const of = this.#labelsOf(row, METRIC_LABEL[naming])
      labels.set(row.id, of)
      if (seen.has(of.identity)) {
        clashes++
        continue
      }
      seen.add(of.identity)
      if (writtenRemotely !== true) addValues(values[naming], row, of)
      addForecasts(values[naming].forecast, of, this.#forecasts?.forecasts(row.id) ?? [])
      count.shown++
      count.training[row.state]++
    }
    this.#labels = labels
    this.#metrics.labelClashes.set(clashes)
    this.#replaceValues(values)
    this.#refreshCounts(counts)
  }

  /** A gauge is created when it first has values, so that the names of a naming that nobody asked for do not appear. */
  #replaceValues(values: Readonly<Record<Naming, Values>>): void {
    const byName = new Map<string, SeriesValue[]>()
    for (const naming of NAMINGS) {
      for (const [id, spec] of Object.entries(SERIES_METRICS)) {
        const name = seriesMetricName(id as SeriesMetricId, naming)
        const of = values[naming][id as SeriesMetricId]
        byName.set(name, [...(byName.get(name) ?? []), ...of])
        if (of.length > 0 && !this.#gauges.has(name)) {
          this.#gauges.set(name, new SeriesGauge(this.#registry, { name, help: spec.help }))
        }
      }
    }
    for (const [name, gauge] of this.#gauges) gauge.replace(byName.get(name) ?? [])
  }

  #refreshCounts(counts: Map<string, Counts>): void {
    const m = this.#metrics
    for (const [pipeline, { pointsLeftOut }] of this.#view.exposureCounts()) {
      const { training, leftOut } = countOf(counts, pipeline)
      for (const state of TRAINING_STATES) m.seriesExposed.set({ pipeline, training: state }, training[state])
      m.seriesLeftOut.set({ pipeline }, leftOut)
      m.pointsLeftOut.inc({ pipeline }, pointsLeftOut - (this.#leftOut.get(pipeline) ?? 0))
      this.#leftOut.set(pipeline, pointsLeftOut)
    }
    this.#refreshAlarms()
  }

  /** An alarm that no series has any more is counted as 0 and does not stand still at its last count. */
  #refreshAlarms(): void {
    const counts = this.#alarms.countAlarms()
    for (const { pipeline, alarm } of this.#alarmsShown) setAlarms(this.#metrics, pipeline, alarm, NO_SERIES)
    for (const { pipeline, alarm, states } of counts) setAlarms(this.#metrics, pipeline, alarm, states)
    this.#alarmsShown = counts
  }

  #labelsOf(row: ExposedSeries, metricLabel: string): SeriesLabels {
    const known = this.#labels.get(row.id)
    const same = known?.inputNames.length === row.inputs.length
    if (known !== undefined && same && row.inputs.every((input, i) => input.name === known.inputNames[i])) return known
    return makeLabels(row, metricLabel)
  }
}

function makeLabels(row: ExposedSeries, metricLabel: string): SeriesLabels {
  const { pipeline, series, inputs } = row
  const of = (metric: string) => metricLabels(series.labels, { pipeline, [metricLabel]: metric })
  const whole = of(series.name)
  return {
    series: whole,
    inputs: inputs.length === 1 ? [whole] : inputs.map((input) => of(input.name)),
    inputNames: inputs.map((input) => input.name),
    alarms: new Map(),
    identity: identityOf(whole),
  }
}

function addValues(values: Values, row: ExposedSeries, of: SeriesLabels): void {
  const add = (to: SeriesValue[], labels: Labels | undefined, value: number) => {
    if (labels !== undefined && !Number.isNaN(value)) to.push({ labels, value })
  }
  visitValues(row, (id, value, input) => {
    add(values[id], input === undefined ? of.series : of.inputs[input], value)
  })
  for (const { input, lag, direction, share } of largestShares(row.attribution)) {
    const labels = of.inputs[Math.max(0, of.inputNames.indexOf(input))] ?? of.series
    values.attribution.push({ labels: { ...labels, periods_back: String(lag), side: direction }, value: share })
  }
  for (const [alarm, state] of row.alarms) {
    const labels = of.alarms.get(alarm) ?? { ...of.series, alarm }
    of.alarms.set(alarm, labels)
    add(values.alarm, labels, ALARM_VALUES[state])
  }
}

/** The page shows all of them; here each one is a series of Prometheus. */
const SHARES_SHOWN = 5

const largestShares = (attribution: ExposedSeries['attribution']) =>
  attribution.toSorted((a, b) => b.share - a.share).slice(0, SHARES_SHOWN)

/** Three horizons a quantile and no more, however far ahead the forecast goes: series of Prometheus are dear. */
function addForecasts(to: SeriesValue[], of: SeriesLabels, forecasts: readonly SeriesForecastView[]): void {
  for (const { input, periodMs, quantiles } of forecasts) {
    const labels = of.inputs[Math.max(0, of.inputNames.indexOf(input))] ?? of.series
    for (const { level, values } of quantiles) {
      const shown = new Set([0, Math.floor((values.length - 1) / 2), values.length - 1])
      for (const step of shown) {
        const value = values[step]
        if (value === undefined || !Number.isFinite(value)) continue
        const horizon = formatDuration((step + 1) * periodMs)
        to.push({ labels: { ...labels, quantile: String(level), horizon }, value })
      }
    }
  }
}

const NO_SERIES: AlarmCount['states'] = { OK: 0, ALARM: 0, INSUFFICIENT_DATA: 0 }

function setAlarms(m: Metrics, pipeline: string, alarm: string, states: AlarmCount['states']): void {
  for (const state of ALARM_STATES) m.alarms.set({ pipeline, alarm, state }, states[state])
}

interface Counts {
  readonly training: Record<TrainingState, number>
  shown: number
  leftOut: number
}

function countOf(counts: Map<string, Counts>, pipeline: string): Counts {
  const known = counts.get(pipeline)
  if (known !== undefined) return known
  const training = { PENDING_TRAINING: 0, TRAINED_INSUFFICIENT_DATA: 0, TRAINED: 0 }
  const fresh = { training, shown: 0, leftOut: 0 }
  counts.set(pipeline, fresh)
  return fresh
}
