import { err, type Result } from '../core/result.ts'
import { type ConfigEnvironment, interpolate } from './interpolate.ts'
import { ConfigError, type ConfigProblem } from './problem.ts'
import type { Finding } from './validate.ts'
import { readYaml, type YamlSource } from './yaml-source.ts'

/** Checks plain data; `unresolved` are the references in it that could not be replaced, to be among the findings. */
export type DocumentCheck<T> = (raw: unknown, unresolved: readonly Finding[]) => Result<T, readonly Finding[]>

/** Reads a YAML text, replaces its references, checks it; every finding gets its place in the text. */
export function readDocument<T>(
  text: string,
  file: string,
  environment: ConfigEnvironment,
  check: DocumentCheck<T>,
): Result<T, ConfigError> {
  const { source, problems: unreadable } = readYaml(text)
  if (source === undefined) {
    return err(new ConfigError(unreadable.map((problem) => ({ file, path: [], ...problem }))))
  }
  const unresolved = interpolateAll(source, environment)
  const checked = check(source.value(), unresolved)
  if (checked.ok) return checked
  const problems = checked.error.map((finding): ConfigProblem => {
    const position = source.locate(finding.path)
    return position === undefined ? { file, ...finding } : { file, ...finding, position }
  })
  return err(new ConfigError(problems))
}

function interpolateAll(source: YamlSource, environment: ConfigEnvironment): readonly Finding[] {
  const findings: Finding[] = []
  source.editStrings((text, { path, plain }) => {
    const result = interpolate(text, plain, environment)
    if (result.ok) return result.value
    findings.push(...result.messages.map((message) => ({ path, message })))
    return text
  })
  return findings
}
