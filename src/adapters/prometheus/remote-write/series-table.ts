import type { AlarmState } from '../../../alarm/state.ts'
import type { ScoredPoint } from '../../../band/scored-point.ts'
import type { Labels, Series } from '../../../core/series.ts'
import { ALARM_VALUES } from '../alarm-values.ts'
import { METRIC_LABEL, type Naming, seriesMetricName } from '../naming.ts'
import { identityOf, metricLabels } from '../series-labels.ts'
import { type SeriesMetricId, visitValues } from '../series-metrics.ts'
import { encodeLabels, type WriteSample } from './write-request.ts'

/** One series of Prometheus. */
interface Channel {
  readonly labels: Uint8Array
  /** Whether its newest sample had a value: then its end is written as well. */
  isPresent: boolean
}

/** What is kept of one input series between its points. */
interface Entry {
  readonly labels: Labels
  /** As Prometheus can hold them, by metric. */
  readonly exposed: Map<string, Labels>
  readonly identity: string
  readonly channels: Map<string, Channel>
  newestMs: number
}

export interface SeriesTableOptions {
  readonly pipeline: string
  readonly naming: Naming
  readonly periodMs: number
  /** Put to every series, where it has none of that name. */
  readonly labels: Labels
  /** Series remembered at once; the one that was written longest ago is forgotten first. */
  readonly limit: number
}

/** Why a point was not turned into samples. */
export type PointRefusal = 'already_sent' | 'label_clash'

/**
 * Turns points into samples with the same names and labels as on /metrics, at the start of their period. A value that is
 * not known is no sample; where there was one before, a stale marker.
 */
export class SeriesTable {
  readonly #options: SeriesTableOptions
  readonly #entries = new Map<string, Entry>()
  /** Labels in Prometheus that a series has. */
  readonly #taken = new Set<string>()
  /** By series key: a restore tells of alarms before the series' first point comes. */
  readonly #alarms = new Map<string, Map<string, AlarmState>>()

  constructor(options: SeriesTableOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  /** Remembers the state of an alarm: every further point of the series carries it. */
  setAlarm(key: string, alarm: string, state: AlarmState): void {
    const known = this.#alarms.get(key)
    if (known === undefined) this.#alarms.set(key, new Map([[alarm, state]]))
    else known.set(alarm, state)
  }

  /** The samples of one point, or why there are none. */
  samplesOf(series: Series, point: ScoredPoint): readonly WriteSample[] | PointRefusal {
    const entry = this.#entryOf(series)
    if (entry === undefined) return 'label_clash'
    if (point.timestampMs <= entry.newestMs) return 'already_sent'
    entry.newestMs = point.timestampMs
    const samples: WriteSample[] = []
    const add = (id: SeriesMetricId, metric: string, value: number, more?: Labels) => {
      const channel = this.#channelOf(entry, id, metric, more)
      if (!Number.isNaN(value)) samples.push({ labels: channel.labels, timestampMs: point.timestampMs, value })
      else if (channel.isPresent)
        samples.push({ labels: channel.labels, timestampMs: point.timestampMs, value: undefined })
      channel.isPresent = !Number.isNaN(value)
    }
    const { inputs } = point
    // The one input of a series has the series' own name.
    const nameOf = (input: number) => (inputs.length === 1 ? undefined : inputs[input]?.name)
    visitValues(point, (id, value, input) => {
      add(id, (input === undefined ? undefined : nameOf(input)) ?? series.name, value)
    })
    for (const [alarm, state] of this.#alarms.get(series.key) ?? [])
      add('alarm', series.name, ALARM_VALUES[state], { alarm })
    return samples
  }

  /** Forgets a series that ended; its samples end one period after the newest one. */
  end(key: string): readonly WriteSample[] {
    const entry = this.#entries.get(key)
    if (entry === undefined) return []
    this.#forget(key, entry)
    const timestampMs = entry.newestMs + this.#options.periodMs
    return [...entry.channels.values()]
      .filter(({ isPresent }) => isPresent)
      .map(({ labels }) => ({ labels, timestampMs, value: undefined }))
  }

  /** In order of use, so that the first is the one to forget. */
  #entryOf({ key, name, labels }: Series): Entry | undefined {
    const known = this.#entries.get(key)
    if (known !== undefined) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known
    }
    const exposed = this.#exposed(labels, name)
    const identity = identityOf(exposed)
    if (this.#taken.has(identity)) return undefined
    const fresh: Entry = {
      labels,
      exposed: new Map([[name, exposed]]),
      identity,
      channels: new Map(),
      newestMs: Number.NEGATIVE_INFINITY,
    }
    this.#entries.set(key, fresh)
    this.#taken.add(identity)
    if (this.#entries.size > this.#options.limit) {
      const [oldest] = this.#entries
      if (oldest !== undefined) this.#forget(...oldest)
    }
    return fresh
  }

  #exposed(labels: Labels, metric: string): Labels {
    const { pipeline, naming } = this.#options
    return metricLabels(labels, { pipeline, [METRIC_LABEL[naming]]: metric })
  }

  #forget(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#taken.delete(entry.identity)
    this.#alarms.delete(key)
  }

  #channelOf(entry: Entry, id: SeriesMetricId, metric: string, more: Labels = {}): Channel {
    const name = `${id}\u0000${metric}\u0000${more['alarm'] ?? ''}`
    const known = entry.channels.get(name)
    if (known !== undefined) return known
    const { naming, labels: common } = this.#options
    const own = entry.exposed.get(metric) ?? this.#exposed(entry.labels, metric)
    entry.exposed.set(metric, own)
    const labels = encodeLabels({ ...common, ...own, ...more, __name__: seriesMetricName(id, naming) })
    const channel = { labels, isPresent: false }
    entry.channels.set(name, channel)
    return channel
  }
}
