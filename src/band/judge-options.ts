/**
 * How evidence is weighed. One set for all series; found by search on the Numenta benchmark and on made series of
 * every period, season and noise (tests/quality), with what did not help left out.
 */
export const EVIDENCE = {
  /** Values that statistics look back on, about. */
  memory: 20_000,
  /** Periods before anything is called anomalous: a day's, within these. */
  learning: { least: 113, most: 288 },
  value: { window: 8, power: 0.257, weight: 1.28 },
  dynamics: { window: 10, power: 0.421, weight: 1.11 },
  residual: { window: 2, power: 0.25, weight: 0.8 },
  seasonal: { window: 1, power: 1, weight: 0.7 },
  sustained: { window: 1, power: 1, weight: 0.56, time: 40 },
  flat: { weight: 0.5 },
  range: { tolerance: 0.0724, value: 12.28, residual: 8.6 },
  /** Evidence of one kind is capped here: beyond, more of it says nothing new. */
  cap: 9.17,
  /** The rank of what lingers: the share that stays when the newest value is usual, and evidence of it that is enough. */
  present: { lingers: 0.1, full: 1.5 },
  /** How far residuals are trusted when the baseline explains nothing, and how trust grows with what it explains. */
  trust: { least: 0.218, power: 0.906 },
} as const

/** How events are told from each other. The same search. */
export const GATE = {
  /** Evidence counts for this share at most while learning. */
  youngShare: 0.3,
  /** A score at this share of the threshold marks something new, though not enough for a grade. */
  noticeShare: 0.795,
  noticeRest: 136,
  alertRest: 20,
  /** Points from its start for which an alert's grade stays above 0 while the evidence does. */
  alertLength: 6,
  /** Within a rest, evidence this many times the event's own is something new. */
  rise: 2.14,
  /** Points over which the mean of the evidence counts for the rank, and its share. */
  lately: 83.5,
  latelyShare: 0.21,
  aftermathDecay: 0.999,
  aftermathShare: 0.526,
  /** What a person called no anomaly is tolerated for about 2,000 points more. */
  toleranceDecay: 0.9995,
} as const
