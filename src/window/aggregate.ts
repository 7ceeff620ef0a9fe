import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import type { MetricKind } from '../core/sample.ts'
import type { CounterPolicy } from './options.ts'
import { QuantileSketch } from './quantile-sketch.ts'
import { exactQuantile, type ParsedStatistic } from './statistic.ts'

/** How values are read: as they are, as a running total, or as what was added since the last report. */
export const READINGS = ['raw', 'cumulative', 'delta'] as const
export type Reading = (typeof READINGS)[number]

export function readingOf(policy: CounterPolicy, kind: MetricKind): Reading {
  if (policy === 'raw') return 'raw'
  if (kind === 'cumulative' || kind === 'delta') return kind
  return policy === 'rate' ? 'cumulative' : 'raw'
}

/** The last sample of what came before: a running total's first increase is counted from it. */
export interface CounterBase {
  readonly timestampMs: number
  readonly value: number
}

/**
 * The samples of one period, in the order of their times, as one number per statistic.
 *
 * - raw: the statistic of the values.
 * - cumulative: each pair of neighbours is an increase and a rate per second; a value below its predecessor is a reset
 *   and counts from 0, as Prometheus has it. Average is the whole increase over the whole time, Sum the increase,
 *   Minimum, Maximum and percentiles are of the rates. The pair with the last sample before the period belongs to it.
 * - delta: Average is the sum over the length of the period, a rate per second; Sum the sum; Minimum, Maximum and
 *   percentiles are of the reports as they came.
 */
export class Aggregate {
  readonly #reading: Reading
  count = 0
  #firstMs = Number.NaN
  #first = Number.NaN
  #lastMs = Number.NaN
  #last = Number.NaN
  /** Of the values, or of the rates. */
  #sum = 0
  #minimum = Number.POSITIVE_INFINITY
  #maximum = Number.NEGATIVE_INFINITY
  /** Increase of a running total, and the seconds that it took. */
  #increase = 0
  #seconds = 0
  /** Values for a percentile: all of them, or a sketch. */
  readonly #exact: number[] | undefined
  readonly #sketch: QuantileSketch | undefined

  constructor(reading: Reading, quantiles: 'none' | 'exact' | QuantileSketch) {
    this.#reading = reading
    this.#exact = quantiles === 'exact' ? [] : undefined
    this.#sketch = typeof quantiles === 'object' ? quantiles : undefined
  }

  /** The next sample in time. */
  add(timestampMs: number, value: number): void {
    if (this.#reading !== 'cumulative') this.#measure(value)
    else if (this.count > 0) this.#pair(this.#lastMs, this.#last, timestampMs, value)
    if (this.count === 0) {
      this.#firstMs = timestampMs
      this.#first = value
    }
    this.#lastMs = timestampMs
    this.#last = value
    this.count++
  }

  /** The last sample, as the base of the next period. */
  get base(): CounterBase {
    return { timestampMs: this.#lastMs, value: this.#last }
  }

  #pair(fromMs: number, from: number, toMs: number, to: number): void {
    const increase = to >= from ? to - from : to
    const seconds = (toMs - fromMs) / 1_000
    this.#increase += increase
    this.#seconds += seconds
    this.#measure(increase / seconds)
  }

  #measure(value: number): void {
    this.#sum += value
    if (value < this.#minimum) this.#minimum = value
    if (value > this.#maximum) this.#maximum = value
    this.#exact?.push(value)
    this.#sketch?.add(value)
  }

  /** The statistic; NaN when there is nothing to make it of, as for the first sample of a running total. */
  finish(statistic: ParsedStatistic, base: CounterBase | undefined, periodMs: number): number {
    if (statistic.kind === 'SampleCount') return this.count
    const cumulative = this.#reading === 'cumulative'
    if (cumulative && base !== undefined) this.#pair(base.timestampMs, base.value, this.#firstMs, this.#first)
    if (this.#minimum > this.#maximum) return Number.NaN
    switch (statistic.kind) {
      case 'Average':
        if (cumulative) return this.#increase / this.#seconds
        return this.#reading === 'delta' ? this.#sum / (periodMs / 1_000) : this.#sum / this.count
      case 'Sum':
        return cumulative ? this.#increase : this.#sum
      case 'Minimum':
        return this.#minimum
      case 'Maximum':
        return this.#maximum
      case 'Percentile':
        return this.#quantile(statistic.quantile)
    }
  }

  #quantile(q: number): number {
    const value = this.#sketch?.quantile(q) ?? exactQuantile(Float64Array.from(this.#exact ?? []).sort(), q)
    // A sketch's bin may reach beyond the values that are in it.
    return Math.min(this.#maximum, Math.max(this.#minimum, value))
  }

  save(writer: BinaryWriter): void {
    writer.u8(READINGS.indexOf(this.#reading))
    for (const value of this.#numbers()) writer.f64(value)
    writer.bool(this.#sketch !== undefined)
    this.#sketch?.save(writer)
  }

  #numbers(): readonly number[] {
    const moments = [this.count, this.#sum, this.#minimum, this.#maximum, this.#increase, this.#seconds]
    return [...moments, this.#firstMs, this.#first, this.#lastMs, this.#last]
  }

  /** Aggregates are saved only once they are no longer exact: see Bucket. */
  static load(reader: BinaryReader): Aggregate {
    const reading = READINGS[reader.u8()]!
    const numbers = Array.from({ length: 10 }, () => reader.f64())
    const aggregate = new Aggregate(reading, reader.bool() ? QuantileSketch.load(reader) : 'none')
    aggregate.count = numbers[0]!
    aggregate.#sum = numbers[1]!
    aggregate.#minimum = numbers[2]!
    aggregate.#maximum = numbers[3]!
    aggregate.#increase = numbers[4]!
    aggregate.#seconds = numbers[5]!
    aggregate.#firstMs = numbers[6]!
    aggregate.#first = numbers[7]!
    aggregate.#lastMs = numbers[8]!
    aggregate.#last = numbers[9]!
    return aggregate
  }
}
