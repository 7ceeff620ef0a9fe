import { readFileSync } from 'node:fs'
import { err, ok, type Result } from '../core/result.ts'
import { contradictions } from './contradictions.ts'
import type { ConfigEnvironment } from './interpolate.ts'
import { ConfigError, type ConfigProblem } from './problem.ts'
import { readDocument } from './read-document.ts'
import { completePipeline, type PartialPipeline, type PipelineConfig, pipelineSchema } from './schema/pipeline.ts'
import { type Finding, validate } from './validate.ts'

/** The process's environment variables, and files of the disk. */
export function processEnvironment(variables: NodeJS.ProcessEnv = process.env): ConfigEnvironment {
  return { variable: (name) => variables[name], file: readText }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Reads, checks and completes one pipeline file. The error lists everything that is wrong in it. */
export function loadPipeline(path: string, environment: ConfigEnvironment): Result<PipelineConfig, ConfigError> {
  const text = readText(path)
  if (text !== undefined) return parsePipeline(text, path, environment)
  return err(new ConfigError([{ file: path, path: [], message: 'the file cannot be read (correct the path)' }]))
}

/** Reads several pipeline files for one process; also refuses two of one name and two that would share offsets. */
export function loadPipelines(
  paths: readonly string[],
  environment: ConfigEnvironment,
): Result<readonly PipelineConfig[], ConfigError> {
  const pipelines: PipelineConfig[] = []
  const problems: ConfigProblem[] = []
  const fileOf = new Map<string, string>()
  const fileOfGroup = new Map<string, string>()
  for (const file of paths) {
    const loaded = loadPipeline(file, environment)
    if (!loaded.ok) {
      problems.push(...loaded.error.problems)
      continue
    }
    const { name, source } = loaded.value
    const { group } = source.kafka
    const sameName = fileOf.get(name)
    const sameGroup = fileOfGroup.get(group)
    if (sameName !== undefined) {
      problems.push({ file, path: ['name'], message: `"${name}" is also the name in ${sameName} (rename one)` })
    } else if (sameGroup !== undefined) {
      const message = `"${group}" is also the group of ${sameGroup}: they would take records from each other (rename one)`
      problems.push({ file, path: ['source', 'kafka', 'group'], message })
    } else {
      fileOf.set(name, file)
      fileOfGroup.set(group, file)
    }
    pipelines.push(loaded.value)
  }
  return problems.length === 0 ? ok(pipelines) : err(new ConfigError(problems))
}

/** As `loadPipeline`, from a text; `file` names it in messages. */
export function parsePipeline(
  text: string,
  file: string,
  environment: ConfigEnvironment,
): Result<PipelineConfig, ConfigError> {
  return readDocument(text, file, environment, checkPipeline)
}

/** Checks plain data. Where a reference could not be replaced, what the schema says of its text is left out. */
function checkPipeline(raw: unknown, unresolved: readonly Finding[]): Result<PipelineConfig, readonly Finding[]> {
  if (raw === null || raw === undefined) {
    return err([{ path: [], message: 'the file is empty (a pipeline needs at least name and source)' }])
  }
  const whole = validate(pipelineSchema, raw)
  const isReported = new Set(unresolved.map((finding) => JSON.stringify(finding.path)))
  const structural = whole.ok ? [] : whole.findings.filter(({ path }) => !isReported.has(JSON.stringify(path)))
  const findings = [...unresolved, ...structural, ...contradictions(whole.ok ? whole.value : soundSections(raw))]
  return whole.ok && findings.length === 0 ? ok(completePipeline(whole.value)) : err(findings)
}

/** The sections that are right by themselves: their contradictions are worth telling although others are wrong. */
function soundSections(raw: unknown): PartialPipeline {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return {}
  const given: Readonly<Record<string, unknown>> = { ...raw }
  const sections = Object.entries(pipelineSchema.shape).flatMap(([key, schema]) => {
    const section = validate(schema, given[key])
    return section.ok ? [[key, section.value] as const] : []
  })
  return Object.fromEntries(sections)
}
