import type { TestedPipeline } from '../../config/load-test.ts'
import type { ConfigError } from '../../config/problem.ts'
import type { Result } from '../../core/result.ts'
import { describeTold, describeTransition } from './compare-outcome.ts'
import { type CaseOutcome, runPipelineTest } from './run-pipeline-test.ts'

interface FileReport {
  readonly file: string
  readonly cases: readonly CaseOutcome[]
  /** Why the file or its test could not be read; null when it could. */
  readonly error: string | null
}

export interface TestReport {
  readonly ok: boolean
  readonly files: readonly FileReport[]
}

export interface LoadedTest {
  readonly file: string
  readonly loaded: Result<TestedPipeline, ConfigError>
}

/** Runs every case of every file. */
export function testReport(tests: readonly LoadedTest[]): TestReport {
  const files = tests.map(({ file, loaded }): FileReport => {
    if (!loaded.ok) return { file, cases: [], error: loaded.error.message }
    const { config, test } = loaded.value
    return { file, cases: test.tests.map((one) => runPipelineTest(config, one)), error: null }
  })
  return { ok: files.every(({ cases, error }) => error === null && cases.every(passed)), files }
}

function passed({ failures }: CaseOutcome): boolean {
  return failures.length === 0
}

export function testText(report: TestReport): string {
  const lines = report.files.flatMap(({ file, cases, error }) =>
    error === null ? cases.map((one) => caseText(file, one)) : [error],
  )
  return lines.map((line) => `${line}\n`).join('')
}

/** A failed case shows all that happened: the expectation is often written from it. */
function caseText(file: string, outcome: CaseOutcome): string {
  const { name, records, transitions, told, failures } = outcome
  const head = `${file}: ${name}: ${records} records, ${transitions.length} transitions`
  if (passed(outcome)) return `${head}: ok`
  const happened = [...transitions.map(describeTransition), ...told.map(describeTold)].map((line) => `    ${line}`)
  return [`${head}: FAILED`, ...failures.map((failure) => `  ${failure}`), '  what happened:', ...happened].join('\n')
}
