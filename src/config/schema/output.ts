import { z } from 'zod'
import { LIMITS } from '../../core/limits.ts'
import { shown } from '../validate.ts'
import { duration, httpUrl, identifier, topicName } from './fields.ts'

/** Standard Webhooks: base64 of 24 to 64 random bytes, with or without the prefix. */
function signingSecret() {
  return z.string().superRefine((text, context) => {
    const base64 = text.replace(/^whsec_/, '')
    const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Math.floor((base64.replace(/=+$/, '').length * 3) / 4) : 0
    if (bytes >= 24 && bytes <= 64) return
    const message =
      'is not a signing secret (whsec_ and base64 of 24 to 64 random bytes; make one: echo "whsec_$(openssl rand -base64 32)")'
    context.addIssue({ code: 'custom', message })
  })
}

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
const RESERVED_HEADER =
  /^(webhook-(id|timestamp|signature)|content-(type|length|encoding)|x-prometheus-remote-write-version|host)$/i

function headers() {
  return z
    .record(
      z.string().regex(HEADER_NAME, { error: (issue) => `${shown(issue.input)} is not the name of an HTTP header` }),
      z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, { error: 'has characters that an HTTP header cannot carry' }),
    )
    .superRefine((given, context) => {
      for (const name of Object.keys(given).filter((candidate) => RESERVED_HEADER.test(candidate))) {
        context.addIssue({ code: 'custom', path: [name], message: 'is set by Tidegauge itself (delete it)' })
      }
    })
}

export const notifySchema = z.strictObject({
  name: identifier('a channel').meta({ description: 'What actions call the channel.' }),
  webhook: z
    .strictObject({
      url: httpUrl().meta({ description: 'Where to POST.' }),
      secret: signingSecret().optional().meta({
        description: 'Standard Webhooks secret (whsec_...): every delivery is signed with it.',
      }),
      previousSecret: signingSecret().optional().meta({
        description: 'Signed with as well while receivers change over to a new secret.',
      }),
      format: z
        .enum(['standard', 'alertmanager', 'cloudwatch', 'eventbridge', 'cloudevents', 'slack', 'pagerduty'])
        .default('standard')
        .meta({ description: 'Body of the deliveries: what the receiver understands.' }),
      routingKey: z.string().min(1).optional().meta({ description: "With format pagerduty: the integration's key." }),
      timeout: duration({ min: '100ms', max: '5m' }).prefault('15s').meta({ description: 'For one attempt.' }),
      allowPrivate: z.boolean().default(false).meta({
        description: 'Whether the URL may lead to a loopback, private or link-local address.',
      }),
      headers: headers().default({}).meta({ description: 'Further HTTP headers, such as Authorization.' }),
    })
    .meta({ description: 'An HTTP receiver.' }),
})

function sink(topic: string, what: string) {
  return z
    .strictObject({
      topic: topicName().default(topic).meta({ description: 'Topic to write to.' }),
      enabled: z.boolean().default(true).meta({ description: 'false writes nothing there.' }),
    })
    .prefault({})
    .meta({ description: what })
}

const remoteWriteSchema = z.strictObject({
  url: httpUrl().meta({ description: 'Where Prometheus, or another that speaks it, takes remote write.' }),
  headers: headers().default({}).meta({ description: 'Further HTTP headers, such as Authorization or X-Scope-OrgID.' }),
  labels: z
    .record(
      z.string().regex(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/, {
        error: (issue) => `${shown(issue.input)} is not a label that Prometheus can hold (letters, digits and _)`,
      }),
      z.string().min(1),
    )
    .default({})
    .meta({ description: 'Labels for every series that has none of that name.' }),
  timeout: duration({ min: '100ms', max: '5m' }).prefault('30s').meta({ description: 'For one attempt.' }),
  allowPrivate: z.boolean().default(false).meta({
    description: 'Whether the URL may lead to a loopback, private or link-local address.',
  }),
  maxAge: duration({ min: '1m', max: '36500d' }).prefault('1h').meta({
    description:
      'Points older than this, event time against the wall clock, are not sent: Prometheus would refuse them.',
  }),
  queueSamples: z.int().min(1_000).max(10_000_000).default(500_000).meta({
    description: 'Samples that wait while the receiver is away; then the oldest go. A point is 7 and one an alarm.',
  }),
})

export const sinksSchema = z.strictObject({
  scores: sink('tidegauge.scores', 'One record a series and period: value, band, score, grade.'),
  alarms: z
    .strictObject({ topic: topicName().default('tidegauge.alarms').meta({ description: 'Topic to write to.' }) })
    .prefault({})
    .meta({ description: 'One record for each change of state; notifications are made from it.' }),
  forecasts: z
    .strictObject({ topic: topicName().default('tidegauge.forecasts').meta({ description: 'Topic to write to.' }) })
    .prefault({})
    .meta({ description: 'One record a series for each forecast.' }),
  deadLetter: sink('tidegauge.dead-letter', 'Records that could not be used, with the reason in their headers.'),
  remoteWrite: remoteWriteSchema.optional().meta({
    description:
      'Writes every point to Prometheus with the time of its period. /metrics then no longer shows the values of this pipeline, so that Prometheus has each once.',
  }),
})

export const deliverySchema = z.strictObject({
  maxAge: duration({ min: '1m', max: '36500d' }).prefault('1h').meta({
    description:
      "Changes of state that happened longer ago, event time against the wall clock, are not notified: learning from a topic's history pages nobody.",
  }),
})

export const exposeSchema = z.strictObject({
  naming: z.enum(['tidegauge', 'vmanomaly']).default('tidegauge').meta({
    description:
      'Names of the series on /metrics: tidegauge_*, or those of vmanomaly (anomaly_score, y, yhat, yhat_lower, yhat_upper).',
  }),
  seriesLimit: z.int().min(0).max(1_000_000).default(LIMITS.exposedSeries).meta({
    description: 'Input series that /metrics shows at most; 0 shows none.',
  }),
})

export const commitSchema = z.strictObject({
  interval: duration({ min: '10ms', max: '1m' }).prefault('1s').meta({
    description: 'Results and offsets are committed together, at least this often.',
  }),
  records: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .meta({ description: 'And at the latest after so many records.' }),
})

export const checkpointSchema = z.strictObject({
  interval: duration({ min: '1s', max: '1d' }).prefault('5m').meta({
    description: 'How often learned state is written; after a restart at most this much is read again.',
  }),
  changelog: z
    .strictObject({
      topic: topicName().default('tidegauge.state').meta({
        description:
          'Compacted topic; each partition of the input has its state in the partition of the same number. Pipelines may share it.',
      }),
      enabled: z.boolean().default(true).meta({
        description: 'false keeps state on disk only: a process without it learns again from the input.',
      }),
    })
    .prefault({})
    .meta({ description: 'Where state is written besides the disk, so that it moves with its partition.' }),
})
