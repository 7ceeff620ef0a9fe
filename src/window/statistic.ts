/** CloudWatch's statistics over the samples of one period; `p99.9` stands for any percentile, p0 to p100. */
export const PLAIN_STATISTICS = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'] as const
export type PlainStatistic = (typeof PLAIN_STATISTICS)[number]
export type Statistic = PlainStatistic | `p${number}`

/** A statistic taken apart: `quantile` (0..1) is there for percentiles only. */
export type ParsedStatistic =
  | { readonly kind: PlainStatistic }
  | { readonly kind: 'Percentile'; readonly quantile: number }

/** Undefined when the text names no statistic. */
export function parseStatistic(text: string): ParsedStatistic | undefined {
  const plain = PLAIN_STATISTICS.find((name) => name === text)
  if (plain !== undefined) return { kind: plain }
  const percent = /^p(100(?:\.0+)?|\d{1,2}(?:\.\d{1,10})?)$/.exec(text)
  return percent === null ? undefined : { kind: 'Percentile', quantile: Number(percent[1]) / 100 }
}

/**
 * The q-quantile of values in ascending order, interpolated between the two nearest ranks (Hyndman and Fan 1996,
 * type 7: what spreadsheets and NumPy give); NaN when there are none.
 */
export function exactQuantile(ascending: Float64Array, q: number): number {
  if (ascending.length === 0) return Number.NaN
  const rank = q * (ascending.length - 1)
  const below = Math.floor(rank)
  const low = ascending[below]!
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!
  return low === high ? low : low + (high - low) * (rank - below)
}
