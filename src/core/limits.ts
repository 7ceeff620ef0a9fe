/** Every upper bound in one place. A pipeline may set a lower one where its schema says so; none may be passed. */
export const LIMITS = {
  /** Bytes of one record's value; a larger one is a dead letter. */
  recordBytes: 4 * 1024 * 1024,
  /** Samples in one record. */
  samplesPerRecord: 50_000,
  /** Characters of a metric's name, a label's name, a label's value. */
  nameChars: 512,
  labelNameChars: 256,
  labelValueChars: 1024,
  /** Labels of one series. */
  labelsPerSeries: 64,
  /** Series of one partition task when the pipeline sets none. */
  seriesPerTask: 20_000,
  /** Open buckets of one series: how far samples may run ahead of the watermark. */
  openBucketsPerSeries: 64,
  /** Samples of one bucket that are kept one by one; older ones are folded into its aggregate. */
  samplesPerBucket: 512,
  /** Metrics joined into one entity's point. */
  inputsPerEntity: 32,
  /** Values in one shingle of one input. */
  shingleSize: 512,
  /** Datapoints that an alarm may look back on. */
  alarmEvaluationPeriods: 1_440,
  /** Bytes of fetched, not yet stepped records before a partition is paused. */
  bufferedBytes: 64 * 1024 * 1024,
  /** Series that /metrics exposes for one pipeline when it sets none. */
  exposedSeries: 10_000,
} as const
