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
  /**
   * Residuals by their own tail: decades count for this much, no more than `most` of them, and each earlier outbreak
   * like it takes `habit` of them away.
   */
  sudden: { weight: 7 / 6.5, most: 11, habit: 1.5 },
  /** Joint evidence beyond `decades` times what its own history says is lowered, by `most`: bursts are some series' habit. */
  calibration: { weight: 2.3, most: 0.6 },
  sustained: { window: 1, power: 1, weight: 0.67, time: 40 },
  flat: { weight: 0.75 },
  /**
   * A value just outside the range so far is only noticed; from a seventh of the range on it is anomalous by itself:
   * nearer, heavy-tailed noise would be, once in a while. One that records of the residuals' own tail overshoot by
   * anyway (fewer than `usualOvershoots` of their usual excess) has to go further by `heavyTail`.
   */
  range: { tolerance: 0.08, value: 6.45, residual: 16, usualOvershoots: 6, heavyTail: 0.8 },
  /** Evidence of one kind is capped here: beyond, more of it says nothing new. */
  cap: 9.2,
  /** Evidence of the newest value alone that is enough for what lingers in the means to rank in full. */
  present: 3,
} as const

/** How events are told from each other. The same search. */
export const GATE = {
  /** Evidence counts for this share at most while learning. */
  youngShare: 0.3,
  /** A score at this share of the threshold marks something new, though not enough for a grade. */
  noticeShare: 0.8,
  noticeRest: 120,
  alertRest: 12,
  /** Points from its start for which an alert's grade stays above 0 while the evidence does. */
  alertLength: 6,
  /** Within a rest, evidence this many times the event's own is something new. */
  rise: 2.4,
  /** Points over which the mean of the evidence counts for the rank, and its share. */
  lately: 110,
  latelyShare: 0.34,
  aftermathDecay: 0.9985,
  aftermathShare: 0.5,
  /** What a person called no anomaly is tolerated for about 2,000 points more. */
  toleranceDecay: 0.9995,
} as const
