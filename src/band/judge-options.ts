/**
 * How evidence is weighed. One set for all series; found by search on the Numenta benchmark and on made series of
 * every period, season and noise (tests/quality), with what did not help left out.
 */
export const EVIDENCE = {
  /** Values that statistics look back on, about. */
  memory: 40_000,
  /** Periods before anything is called anomalous: a day's, within these. */
  learning: { least: 170, most: 288 },
  value: { window: 10, power: 0.28, weight: 0.6 },
  dynamics: { window: 14, power: 0.54, weight: 0.4 },
  seasonal: { window: 1, power: 1, weight: 0.6 },
  sustained: { window: 1, power: 1, weight: 0.67, time: 40 },
  flat: { weight: 0.75 },
  range: { tolerance: 0.08, value: 8.9, residual: 16 },
  /** Evidence of one kind is capped here: beyond, more of it says nothing new. */
  cap: 9.2,
  /** The rank of what lingers: the share that stays when the newest value is usual, and evidence of it that is enough. */
  present: { lingers: 0, full: 3 },
  /** How far residuals are trusted when the baseline explains nothing, and how trust grows with what it explains. */
  trust: { least: 0.42, power: 0.69 },
} as const

/** How events are told from each other. The same search. */
export const GATE = {
  /** Evidence counts for this share at most while learning. */
  youngShare: 0.3,
  /** A score at this share of the threshold marks something new, though not enough for a grade. */
  noticeShare: 0.8,
  noticeRest: 120,
  alertRest: 24,
  /** Points from its start for which an alert's grade stays above 0 while the evidence does. */
  alertLength: 6,
  /** Within a rest, evidence this many times the event's own is something new. */
  rise: 2.4,
  /** Points over which the mean of the evidence counts for the rank, and its share. */
  lately: 110,
  latelyShare: 0.34,
  aftermathDecay: 0.9985,
  aftermathShare: 0.3,
  /** What a person called no anomaly is tolerated for about 2,000 points more. */
  toleranceDecay: 0.9995,
} as const
