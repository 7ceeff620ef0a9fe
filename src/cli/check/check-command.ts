import type { Command } from 'commander'
import { fieldReference } from '../../config/field-reference.ts'
import { pipelineJsonSchemaText } from '../../config/json-schema.ts'
import { loadPipelines, processEnvironment } from '../../config/load.ts'
import { ConfigError } from '../../config/problem.ts'
import { ERROR_CODES } from '../../core/errors.ts'
import { checkReport, checkText } from './check-report.ts'

interface CheckFlags {
  readonly json?: true
  readonly schema?: true
  readonly fields?: true
}

/** `tidegauge check FILE...`: is what the files say right? Exit code 0, or 2 with everything that is wrong in them. */
export function checkCommand(program: Command): void {
  program
    .command('check')
    .description('check pipeline files: keys, values, references and contradictions, all at once')
    .argument('[file...]', 'pipeline files that one process would run together')
    .option('--json', 'print the outcome as JSON')
    .option('--schema', 'print the JSON Schema of pipeline files and end')
    .option('--fields', 'print the reference of all fields as Markdown and end')
    .action((files: readonly string[], flags: CheckFlags) => {
      if (flags.schema === true) process.stdout.write(pipelineJsonSchemaText())
      else if (flags.fields === true) process.stdout.write(fieldReference())
      else check(files, flags.json === true)
    })
}

function check(files: readonly string[], asJson: boolean): void {
  if (files.length === 0) {
    const message = 'no file was named (tidegauge check pipelines/*.yaml)'
    throw new ConfigError([{ file: 'check', path: [], message }])
  }
  const report = checkReport(files, loadPipelines(files, processEnvironment()))
  process.stdout.write(asJson ? `${JSON.stringify(report)}\n` : checkText(report))
  if (!report.ok) process.exitCode = ERROR_CODES.CONFIG_INVALID.exitCode
}
