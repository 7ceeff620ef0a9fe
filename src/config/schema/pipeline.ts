import { z } from 'zod'
import { type DeepReadonly, deepFreeze } from '../deep-freeze.ts'
import { alarmSchema, compositeSchema, muteSchema } from './alarms.ts'
import { identifier } from './fields.ts'
import { forecastSchema } from './forecast.ts'
import { decodeSchema, selectSchema, seriesSchema, sourceSchema } from './input.ts'
import { bandSchema, detectorSchema } from './model.ts'
import { checkpointSchema, commitSchema, deliverySchema, exposeSchema, notifySchema, sinksSchema } from './output.ts'
import { joinSchema, periodSchema } from './period.ts'

/** One pipeline file. Units and defaults stand here and nowhere else; durations become whole milliseconds. */
export const pipelineSchema = z
  .strictObject({
    name: identifier('a pipeline').meta({
      description: 'Unique in a process; seeds, consumer group and metric labels are made of it.',
    }),
    source: sourceSchema.meta({ description: 'Where records come from.' }),
    decode: decodeSchema.prefault({}).meta({ description: 'From bytes to samples.' }),
    select: selectSchema.default([]).meta({
      description:
        'Rules; the first that matches a series decides. Without rules every series is taken, else only those that a rule takes.',
    }),
    series: seriesSchema.prefault({}).meta({ description: 'How many series, and for how long.' }),
    period: periodSchema.prefault({}).meta({ description: 'From samples to datapoints.' }),
    join: joinSchema
      .optional()
      .meta({ description: 'Several metrics of one entity become one point of several inputs.' }),
    detector: detectorSchema.prefault({}).meta({ description: 'The forest that scores every datapoint.' }),
    band: bandSchema.prefault({}).meta({ description: 'The expected value and the band around it.' }),
    forecast: forecastSchema.optional().meta({
      description: 'Forecasts over several periods by the active DeepAR model; none without this section.',
    }),
    alarms: z.array(alarmSchema).max(500).default([]).meta({
      description: 'Alarms, evaluated for each series by itself, as in CloudWatch.',
    }),
    composites: z
      .array(compositeSchema)
      .max(100)
      .default([])
      .meta({ description: 'Alarms over the states of other alarms.' }),
    mutes: z.array(muteSchema).max(100).default([]).meta({ description: 'Planned silences.' }),
    notify: z.array(notifySchema).max(100).default([]).meta({ description: 'Channels that actions can call.' }),
    delivery: deliverySchema.prefault({}).meta({ description: 'Which notifications are sent.' }),
    sinks: sinksSchema.prefault({}).meta({ description: 'Topics that results are written to.' }),
    expose: exposeSchema.prefault({}).meta({ description: 'What /metrics shows.' }),
    commit: commitSchema.prefault({}).meta({ description: 'How often results become visible.' }),
    checkpoint: checkpointSchema.prefault({}).meta({ description: 'How often state is written.' }),
  })
  .meta({ title: 'A pipeline of Tidegauge', description: 'From metrics in Kafka to grades, bands and alarms.' })

/** As parsed: what follows from other fields is not filled in yet. */
export type ParsedPipeline = z.output<typeof pipelineSchema>

/** A pipeline of which only the sections that are right by themselves are known. */
export type PartialPipeline = Partial<ParsedPipeline>

type CompletePipeline = Omit<ParsedPipeline, 'source'> & {
  source: { kafka: Omit<ParsedPipeline['source']['kafka'], 'group'> & { group: string } }
}

/** A pipeline as it was read, checked and completed; frozen. Durations are whole milliseconds. */
export type PipelineConfig = DeepReadonly<CompletePipeline>
export type AlarmConfig = PipelineConfig['alarms'][number]
export type CompositeConfig = PipelineConfig['composites'][number]
export type NotifyConfig = PipelineConfig['notify'][number]

/** Fills in what follows from other fields. */
export function completePipeline(parsed: ParsedPipeline): PipelineConfig {
  const { kafka } = parsed.source
  const group = kafka.group ?? `tidegauge-${parsed.name}`
  return deepFreeze<CompletePipeline>({ ...parsed, source: { kafka: { ...kafka, group } } })
}
