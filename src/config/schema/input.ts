import { z } from 'zod'
import { formatDuration, parseDuration } from '../../core/duration.ts'
import { LIMITS } from '../../core/limits.ts'
import { DECODE_DEFAULTS, DECODE_FORMATS, TIMESTAMP_UNITS } from '../../decode/options.ts'
import { shown } from '../validate.ts'
import { duration, labelName, matcher, topicName, unique } from './fields.ts'

/** Where a new consumer group begins to read. `rewind` is that much time before the start of the process. */
export type StartFrom =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'rewind'; readonly durationMs: number }

function startFrom() {
  return z.string().transform((text, context): StartFrom => {
    if (text === 'earliest' || text === 'latest') return { kind: text }
    const durationMs = parseDuration(text)
    if (durationMs !== undefined && durationMs > 0) return { kind: 'rewind', durationMs }
    const message = `${shown(text)} is no place to start (earliest, latest, or a duration to go back, as in 14d)`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

export const sourceSchema = z.strictObject({
  kafka: z
    .strictObject({
      topics: unique(topicName()).min(1).max(100).meta({ description: 'Topics to read.' }),
      group: z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,249}$/, {
          error: (issue) => `${shown(issue.input)} is not a group's name (1 to 249 letters, digits, dots, _ and -)`,
        })
        .optional()
        .meta({
          description: 'Consumer group. Processes with the same group share the partitions. Default: tidegauge-NAME.',
        }),
      rekey: z.boolean().default(false).meta({
        description:
          "true first sorts the records by series, through a topic of the pipeline's own (tidegauge.rekeyed.NAME): for producers that set no key, or one that does not keep a series in one partition. Each record is read and written once more.",
      }),
      from: startFrom().prefault('14d').meta({
        description:
          'Where a group without committed offsets begins: earliest, latest, or a duration to go back in the topic, so that the models learn from its history first.',
      }),
    })
    .meta({ description: 'Apache Kafka.' }),
})

export const decodeSchema = z.strictObject({
  format: z
    .enum(DECODE_FORMATS)
    .default(DECODE_DEFAULTS.format)
    .meta({ description: 'Wire format of the records; auto looks at each record.' }),
  timestampUnit: z.enum(TIMESTAMP_UNITS).default(DECODE_DEFAULTS.timestampUnit).meta({
    description:
      'Unit of timestamps that are bare numbers; one whose size fits another unit is refused. auto takes each by its size.',
  }),
  maxFuture: duration({ max: '7d' }).prefault(formatDuration(DECODE_DEFAULTS.maxFutureMs)).meta({
    description: "How far a sample's time may lie after its record's; one beyond goes to the dead letters.",
  }),
})

export const selectSchema = z
  .array(
    z.strictObject({
      match: matcher().meta({
        description: 'Anchored regular expressions on name and on labels; all must match. An absent label is empty.',
      }),
      drop: z.boolean().default(false).meta({ description: 'true leaves the matching series out.' }),
    }),
  )
  .max(1_000)

export const seriesSchema = z.strictObject({
  limit: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(LIMITS.seriesPerTask)
    .meta({ description: 'Series (or joined entities) that one partition may hold.' }),
  onLimit: z.enum(['evict', 'refuse']).default('evict').meta({
    description:
      'A new series at the limit: evict lets go of the one longest silent (never of a living one), refuse turns the new one away.',
  }),
  expireAfter: duration().optional().meta({
    description:
      'A series without data for this long is let go, with all that was learned about it. Default: 1d, or ten periods when that is longer.',
  }),
  dropLabels: unique(labelName()).default([]).meta({
    description:
      'Labels taken off before series are told apart, such as the id of a process that changes on every restart. Two series that look the same without them become one; of two samples at the same instant the later one counts.',
  }),
})
