/** One answer of each kind, as the API's description shows it; a test checks each against its schema. */

const SERIES_ID = 'q4Zx0Kc2mB9vT1Lw'
const KEY = 'http_request_latency_ms{host="web-1",service="checkout"}'
const LABELS = { host: 'web-1', service: 'checkout' }
const AT_MS = 1_772_366_400_000
const PERIOD_MS = 60_000
const REASON =
  'Threshold Crossed: 1 out of the last 1 datapoint [0.76 (01/03/26 12:00:00)] was greater than the threshold (0.0) ' +
  '(minimum 1 datapoint for OK -> ALARM transition).'

const point = {
  timestampMs: AT_MS,
  score: 1.45,
  grade: 0.76,
  confidence: 0.97,
  reason: 'anomalous_value',
  inputs: [{ value: 212.4, observed: true, expected: 81.2, lower: 62.9, upper: 99.5 }],
  attribution: [{ input: 'http_request_latency_ms', lag: 0, direction: 'above', share: 1 }],
}

const series = {
  id: SERIES_ID,
  pipeline: 'checkout',
  key: KEY,
  name: 'http_request_latency_ms',
  labels: LABELS,
  inputs: ['http_request_latency_ms'],
  state: 'TRAINED',
  latest: point,
  alarms: [{ alarm: 'latency-odd', state: 'ALARM', sinceMs: AT_MS }],
}

const states = { OK: 199, ALARM: 1, INSUFFICIENT_DATA: 0 }

export const EXAMPLES = {
  error: {
    error: {
      code: 'bad_request',
      message: 'querystring limit must be <= 500',
      field: 'limit',
      hint: 'see /api/openapi.json',
    },
  },
  series,
  seriesPage: { items: [series], total: 1 },
  points: {
    series: KEY,
    inputs: ['http_request_latency_ms'],
    points: [point],
    changes: [
      {
        alarm: 'latency-odd',
        from: 'OK',
        to: 'ALARM',
        timestampMs: AT_MS,
        reason: REASON,
        reasonCode: 'threshold_crossed',
      },
    ],
    keptFromMs: AT_MS - 239 * PERIOD_MS,
    more: false,
  },
  rows: [
    {
      time: '2026-03-01T12:00:00.000Z',
      timestampMs: AT_MS,
      pipeline: 'checkout',
      series: KEY,
      name: 'http_request_latency_ms',
      input: 'http_request_latency_ms',
      value: 212.4,
      expected: 81.2,
      lower: 62.9,
      upper: 99.5,
      score: 1.45,
      grade: 0.76,
      confidence: 0.97,
      reason: 'anomalous_value',
    },
  ],
  alarmPage: {
    items: [
      {
        pipeline: 'checkout',
        alarm: 'latency-odd',
        seriesId: SERIES_ID,
        seriesKey: KEY,
        labels: LABELS,
        state: 'ALARM',
        sinceMs: AT_MS,
        reason: REASON,
        reasonCode: 'threshold_crossed',
        reasonData: null,
      },
    ],
    total: 1,
  },
  pipelines: {
    pipelines: [
      {
        name: 'checkout',
        state: 'running',
        source: 'kafka metrics',
        period: '1m',
        lag: 3,
        series: 200,
        training: { PENDING_TRAINING: 0, TRAINED_INSUFFICIENT_DATA: 0, TRAINED: 200 },
        alarms: states,
        partitions: [
          {
            topic: 'metrics',
            partition: 0,
            state: 'running',
            position: '28804',
            lag: 3,
            watermarkMs: AT_MS,
            checkpointedAtMs: AT_MS - 120_000,
            series: 200,
          },
        ],
        error: null,
      },
    ],
  },
  health: {
    status: 'failing',
    problems: [{ reason: 'topic_missing', pipeline: 'checkout', detail: 'topic metrics does not exist' }],
  },
  forecasts: {
    series: KEY,
    forecasts: [
      {
        input: 'http_request_latency_ms',
        modelVersion: 3,
        startMs: AT_MS + PERIOD_MS,
        periodMs: PERIOD_MS,
        mean: [80.9, 81.3],
        quantiles: [
          { level: 0.1, values: [70.2, 69.8] },
          { level: 0.5, values: [80.7, 81] },
          { level: 0.9, values: [92.5, 93.4] },
        ],
      },
    ],
  },
  samples: { samples: 2, rejected: 1, rejections: [{ record: 2, reason: 'not_json', detail: 'no JSON at all' }] },
  feedback: { id: `checkout/${KEY}/${AT_MS}-${AT_MS + PERIOD_MS}` },
  feedbackBody: {
    pipeline: 'checkout',
    series: SERIES_ID,
    from: '2026-03-01T12:00:00Z',
    to: '2026-03-01T12:10:00Z',
    label: 'incident',
  },
} as const
