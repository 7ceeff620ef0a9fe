import type { Command } from 'commander'
import { pipelineJsonSchemaText } from '../../config/json-schema.ts'
import { loadPipelines, processEnvironment } from '../../config/load.ts'
import { ConfigError } from '../../config/problem.ts'
import { ERROR_CODES } from '../../core/errors.ts'
import { checkReport, checkText } from './check-report.ts'

interface CheckFlags {
  readonly json?: true
  readonly schema?: true
}

/** `tidegauge check FILE...`: is what the files say right? Exit code 0, or 2 with everything that is wrong in them. */
export function checkCommand(program: Command): void {
  program
    .command('check')
    .description('check pipeline files: keys, values, references and contradictions, all at once')
    .argument('[file...]', 'pipeline files that one process would run together')
    .option('--json', 'print the outcome as JSON')
    .option('--schema', 'print the JSON Schema of pipeline files and end')
    .action((files: readonly string[], flags: CheckFlags) => {
      if (flags.schema === true) {
        process.stdout.write(pipelineJsonSchemaText())
        return
      }
      if (files.length === 0)
        throw new ConfigError([
          { file: 'check', path: [], message: 'no file was named (tidegauge check pipelines/*.yaml)' },
        ])
      const report = checkReport(files, loadPipelines(files, processEnvironment()))
      process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : checkText(report))
      if (!report.ok) process.exitCode = ERROR_CODES.CONFIG_INVALID.exitCode
    })
}
