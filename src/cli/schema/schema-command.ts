import type { Command } from 'commander'
import { ALARM_EVENT_SCHEMA } from '../../alarm/alarm-event-schema.ts'
import { pipelineJsonSchemaText } from '../../config/json-schema.ts'
import { ConfigError } from '../../config/problem.ts'
import { SCORE_RECORD_SCHEMA } from '../../pipeline/score-record-schema.ts'

const json = (schema: unknown) => `${JSON.stringify(schema, null, 2)}\n`

const SCHEMAS: Readonly<Record<string, () => string>> = {
  scores: () => json(SCORE_RECORD_SCHEMA),
  alarms: () => json(ALARM_EVENT_SCHEMA),
  pipeline: pipelineJsonSchemaText,
}

/** `tidegauge schema NAME`: the shape of what is written to the topics, and of pipeline files, as JSON Schema. */
export function schemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print a JSON Schema: of the scores topic, the alarms topic, or pipeline files')
    .argument('<name>', Object.keys(SCHEMAS).join(', '))
    .action((name: string) => {
      const schema = Object.hasOwn(SCHEMAS, name) ? SCHEMAS[name] : undefined
      if (schema === undefined) {
        const message = `there is no schema ${JSON.stringify(name)} (one of: ${Object.keys(SCHEMAS).join(', ')})`
        throw new ConfigError([{ file: 'schema', path: [], message }])
      }
      process.stdout.write(schema())
    })
}
