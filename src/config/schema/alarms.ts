import { z } from 'zod'
import {
  ALARM_DEFAULTS,
  BAND_OPERATORS,
  MISSING_DATA_POLICIES,
  SEVERITIES,
  STATIC_OPERATORS,
} from '../../alarm/options.ts'
import { formatDuration } from '../../core/duration.ts'
import { LIMITS } from '../../core/limits.ts'
import { duration, identifier, matcher, metricName, timeZone, unique } from './fields.ts'

const GRADE_OPERATORS = ['GreaterThanOrEqualToThreshold', 'GreaterThanThreshold'] as const

function channels() {
  return unique(identifier('a channel')).max(20).default([])
}

export const actionsSchema = z
  .strictObject({
    alarm: channels().meta({ description: 'Channels of notify to call on the change to ALARM.' }),
    ok: channels().meta({ description: 'Channels to call on the change to OK.' }),
    insufficientData: channels().meta({ description: 'Channels to call on the change to INSUFFICIENT_DATA.' }),
  })
  .prefault({})
  .meta({ description: 'Whom to tell, by state; only changes of state are told.' })

const common = {
  name: identifier('an alarm').meta({ description: 'Unique among alarms and composites of the pipeline.' }),
  description: z
    .string()
    .max(1_024)
    .default(ALARM_DEFAULTS.description)
    .meta({ description: 'For people; goes into every notification.' }),
  severity: z.enum(SEVERITIES).default(ALARM_DEFAULTS.severity).meta({ description: 'Goes into every notification.' }),
  match: matcher().default({}).meta({
    description:
      'Which series: anchored regular expressions on name and labels; each matching series has its own state.',
  }),
  evaluationPeriods: z.int().min(1).max(LIMITS.alarmEvaluationPeriods).default(ALARM_DEFAULTS.evaluationPeriods).meta({
    description: 'N: datapoints that are looked at.',
  }),
  datapointsToAlarm: z.int().min(1).max(LIMITS.alarmEvaluationPeriods).optional().meta({
    description: 'M: how many of the N must breach. Default: all N.',
  }),
  treatMissingData: z.enum(MISSING_DATA_POLICIES).default(ALARM_DEFAULTS.treatMissingData).meta({
    description: "CloudWatch's policy for periods without data.",
  }),
  actionsEnabled: z.boolean().default(ALARM_DEFAULTS.actionsEnabled).meta({
    description: 'false changes states but tells nobody.',
  }),
  actions: actionsSchema,
}

const minConfidence = z.number().min(0).max(1).default(ALARM_DEFAULTS.minConfidence).meta({
  description: 'Points that the detector is less sure of than this do not breach.',
})

const input = metricName().optional().meta({
  description: 'With join: which metric of the entity is compared.',
})

export const alarmSchema = z.discriminatedUnion('on', [
  z.strictObject({
    on: z.literal('band').meta({ description: 'The value against its expected band.' }),
    ...common,
    operator: z.enum(BAND_OPERATORS).default(ALARM_DEFAULTS.operator.band).meta({
      description: 'Which side of the band breaches.',
    }),
    input,
  }),
  z.strictObject({
    on: z.literal('grade').meta({ description: "The detector's grade, 0 to 1." }),
    ...common,
    operator: z.enum(GRADE_OPERATORS).default(ALARM_DEFAULTS.operator.grade).meta({
      description: 'How grade and threshold compare; a grade of 0 never breaches.',
    }),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(ALARM_DEFAULTS.gradeThreshold)
      .meta({ description: 'Grade to compare with; with 0, every grade above 0 breaches.' }),
    minConfidence,
  }),
  z.strictObject({
    on: z.literal('threshold').meta({ description: 'The value against a fixed number.' }),
    ...common,
    operator: z
      .enum(STATIC_OPERATORS)
      .default(ALARM_DEFAULTS.operator.threshold)
      .meta({ description: 'How value and threshold compare.' }),
    threshold: z.number().meta({ description: 'In the units of the metric.' }),
    input,
  }),
  z.strictObject({
    on: z.literal('forecast').meta({ description: 'Whether the value will cross a fixed number soon.' }),
    ...common,
    operator: z
      .enum(STATIC_OPERATORS)
      .default(ALARM_DEFAULTS.operator.forecast)
      .meta({ description: 'How a future value and the threshold compare.' }),
    threshold: z.number().meta({ description: 'In the units of the metric.' }),
    within: duration().meta({ description: 'How far ahead: the value crosses at least once in this time.' }),
    probability: z.number().gt(0).lt(1).default(ALARM_DEFAULTS.probability).meta({
      description: 'How probable the crossing must be, by the share of sample paths that cross.',
    }),
    every: duration().prefault(formatDuration(ALARM_DEFAULTS.every)).meta({
      description: 'How often, in event time, the forecast is asked, at least a period; its answer holds in between.',
    }),
    input,
  }),
])

export const compositeSchema = z.strictObject({
  name: common.name,
  description: common.description,
  severity: common.severity,
  actionsEnabled: common.actionsEnabled,
  rule: z.string().min(1).max(10_240).meta({
    description: 'ALARM("x"), OK("x"), INSUFFICIENT_DATA("x"), TRUE, FALSE with AND, OR, NOT and brackets.',
  }),
  actions: actionsSchema,
  suppressor: z
    .strictObject({
      alarm: identifier('an alarm').meta({ description: 'While this alarm is in ALARM, actions are held back.' }),
      wait: duration({ max: '1d' }).prefault('1m').meta({
        description: 'How long a change waits for the suppressor to go into ALARM before it acts.',
      }),
      extension: duration({ max: '1d' }).prefault('1m').meta({
        description: 'How long actions stay held back after the suppressor left ALARM.',
      }),
    })
    .optional()
    .meta({ description: 'An alarm that holds back the actions of this one; its state changes all the same.' }),
})

export const muteSchema = z.strictObject({
  name: identifier('a mute').meta({ description: 'Unique among mutes of the pipeline.' }),
  schedule: z.string().meta({
    description: 'cron(minute hour day-of-month month day-of-week), or once at(yyyy-MM-ddThh:mm).',
  }),
  duration: duration({ min: '1m', max: '15d' }).meta({ description: 'How long each silence lasts.' }),
  timezone: timeZone().default('UTC').meta({ description: 'IANA time zone of the schedule.' }),
  alarms: unique(identifier('an alarm')).min(1).max(100).meta({
    description: 'Alarms and composites whose actions are muted; they are evaluated all the same.',
  }),
})
