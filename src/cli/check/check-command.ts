import type { Command } from 'commander'
import { fieldReference } from '../../config/field-reference.ts'
import { pipelineJsonSchemaText } from '../../config/json-schema.ts'
import { loadPipelines, processEnvironment } from '../../config/load.ts'
import { loadPipelineTest } from '../../config/load-test.ts'
import { ConfigError } from '../../config/problem.ts'
import { ERROR_CODES } from '../../core/errors.ts'
import { checkReport, checkText } from './check-report.ts'
import { testReport, testText } from './test-report.ts'

interface CheckFlags {
  readonly json?: true
  readonly test?: true
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
    .option('--test', 'run the test beside each file (NAME.test.yaml) instead; needs no broker')
    .option('--schema', 'print the JSON Schema of pipeline files and end')
    .option('--fields', 'print the reference of all fields as Markdown and end')
    .action((files: readonly string[], flags: CheckFlags) => {
      if (flags.schema === true) process.stdout.write(pipelineJsonSchemaText())
      else if (flags.fields === true) process.stdout.write(fieldReference())
      else check(files, flags)
    })
}

function check(files: readonly string[], flags: CheckFlags): void {
  if (files.length === 0) {
    const message = 'no file was named (tidegauge check pipelines/*.yaml)'
    throw new ConfigError([{ file: 'check', path: [], message }])
  }
  const { report, text } = flags.test === true ? runTests(files) : checkFiles(files)
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : text)
  if (!report.ok) process.exitCode = ERROR_CODES.CONFIG_INVALID.exitCode
}

function checkFiles(files: readonly string[]) {
  const report = checkReport(files, loadPipelines(files, processEnvironment()))
  return { report, text: checkText(report) }
}

function runTests(files: readonly string[]) {
  const report = testReport(files.map((file) => ({ file, loaded: loadPipelineTest(file) })))
  return { report, text: testText(report) }
}
