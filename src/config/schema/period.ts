import { z } from 'zod'
import { formatDuration } from '../../core/duration.ts'
import { LIMITS } from '../../core/limits.ts'
import { COUNTER_POLICIES, MISSING_POLICIES, WINDOW_DEFAULTS } from '../../window/options.ts'
import { PLAIN_STATISTICS, parseStatistic, type Statistic } from '../../window/statistic.ts'
import { shown } from '../validate.ts'
import { duration, labelName, metricName, unique } from './fields.ts'

function statistic() {
  return z.string().transform((text, context): Statistic => {
    if (parseStatistic(text) !== undefined) return text as Statistic
    const plain = PLAIN_STATISTICS.find((name) => name.toLowerCase() === text.toLowerCase())
    const all = `${PLAIN_STATISTICS.join(', ')}, or a percentile: p50, p99.9`
    const hint = plain === undefined ? all : `did you mean "${plain}"?`
    context.addIssue({ code: 'custom', message: `${shown(text)} is not a statistic (${hint})` })
    return z.NEVER
  })
}

const SILENCE = { min: '5s', max: '7d' }

/** A duration, or `off`; its value is milliseconds. */
function silence() {
  const length = duration(SILENCE)
  return z.string().transform((text, context): number | 'off' => {
    if (text === 'off') return 'off'
    const parsed = length.safeParse(text)
    if (parsed.success) return parsed.data
    for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message: `${message}, or "off"` })
    return z.NEVER
  })
}

export const periodSchema = z.strictObject({
  length: duration({ min: '1s', max: '1d' }).prefault(formatDuration(WINDOW_DEFAULTS.periodMs)).meta({
    description: 'Length of a period: samples of one period become one datapoint.',
  }),
  statistic: statistic().prefault(WINDOW_DEFAULTS.statistic).meta({
    description: "CloudWatch's statistics: Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p99.",
  }),
  lateness: duration({ max: '1d' }).prefault(formatDuration(WINDOW_DEFAULTS.latenessMs)).meta({
    description: 'How long a period waits for samples that come late or out of order, in event time.',
  }),
  silence: silence().optional().meta({
    description:
      'When a partition says nothing for so long, its periods are closed by the clock, so that all of its series falling silent is seen too (three periods, a minute at least; off: never). Only in a stream that is about now: history is replayed by its own time.',
  }),
  missing: z.enum(MISSING_POLICIES).default(WINDOW_DEFAULTS.missing).meta({
    description: 'What the model is given for a period without samples: nothing, 0, or the last value.',
  }),
  counters: z.enum(COUNTER_POLICIES).default(WINDOW_DEFAULTS.counter).meta({
    description:
      'Counters: rate turns every series into change a second, raw none, auto those that are marked or named as counters.',
  }),
})

export const joinSchema = z.strictObject({
  name: metricName().meta({ description: 'Name of the joined series, as it appears in scores, alarms and metrics.' }),
  by: unique(labelName()).min(1).max(LIMITS.labelsPerSeries).meta({
    description: 'Labels that make one entity, such as host; all other labels are dropped.',
  }),
  metrics: unique(metricName()).min(2).max(LIMITS.inputsPerEntity).meta({
    description: 'Names of the metrics that become the inputs of one point, in this order.',
  }),
})
