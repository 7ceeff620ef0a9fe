import { Argument, type Command } from 'commander'
import { ALARM_EVENT_SCHEMA } from '../../alarm/alarm-event-schema.ts'
import { pipelineJsonSchema } from '../../config/json-schema.ts'
import { SCORE_RECORD_SCHEMA } from '../../pipeline/score-record-schema.ts'

const SCHEMAS = {
  scores: () => SCORE_RECORD_SCHEMA,
  alarms: () => ALARM_EVENT_SCHEMA,
  pipeline: pipelineJsonSchema,
} as const

/** `tidegauge schema NAME`: the shape of what is written to the topics, and of pipeline files, as JSON Schema. */
export function schemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print a JSON Schema: of the scores topic, the alarms topic, or pipeline files')
    .addArgument(new Argument('<name>', 'of what').choices(Object.keys(SCHEMAS)))
    .option('--json', 'on one line')
    .action((name: keyof typeof SCHEMAS, { json }: { readonly json?: true }) => {
      process.stdout.write(`${JSON.stringify(SCHEMAS[name](), null, json === true ? 0 : 2)}\n`)
    })
}
