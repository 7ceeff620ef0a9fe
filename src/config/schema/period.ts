import { z } from 'zod'
import { LIMITS } from '../../core/limits.ts'
import { shown } from '../validate.ts'
import { duration, labelName, metricName, unique } from './fields.ts'

const NAMED_STATISTICS = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'] as const

function statistic() {
  return z.string().superRefine((text, context) => {
    const percentile = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(text)
    if ((NAMED_STATISTICS as readonly string[]).includes(text) || (percentile !== null && Number(percentile[1]) > 0))
      return
    const named = NAMED_STATISTICS.find((name) => name.toLowerCase() === text.toLowerCase())
    const hint =
      named === undefined ? `${NAMED_STATISTICS.join(', ')}, or a percentile: p50, p99.9` : `did you mean "${named}"?`
    context.addIssue({ code: 'custom', message: `${shown(text)} is not a statistic (${hint})` })
  })
}

export const periodSchema = z.strictObject({
  length: duration({ min: '1s', max: '1d' }).prefault('1m').meta({
    description: 'Length of a period: samples of one period become one datapoint.',
  }),
  statistic: statistic().default('Average').meta({
    description: "CloudWatch's statistics: Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p99.",
  }),
  lateness: duration({ max: '1d' }).prefault('0s').meta({
    description: 'How long a period waits for samples that come late or out of order, in event time.',
  }),
  missing: z.enum(['none', 'zero', 'previous']).default('none').meta({
    description: 'What the model is given for a period without samples: nothing, 0, or the last value.',
  }),
  counters: z.enum(['auto', 'rate', 'raw']).default('auto').meta({
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
