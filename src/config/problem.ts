import { TidegaugeError } from '../core/errors.ts'

/** A place in a text, both counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

export type ConfigPath = readonly (string | number)[]

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  readonly file: string
  readonly path: ConfigPath
  /** What is wrong and, in brackets, what to do. */
  readonly message: string
  readonly position?: Position
}

/** `alarms[0].threshold`; the empty path is the whole file. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const name = /^[\w-]+$/.test(part) ? part : JSON.stringify(part)
    return text === '' ? name : `${text}.${name}`
  }, '')
}

/** `file:line:column: path.to.key: message`, each part that is known. */
export function formatProblem(problem: ConfigProblem): string {
  const { file, position } = problem
  const where = position === undefined ? file : `${file}:${position.line}:${position.column}`
  const path = formatPath(problem.path)
  return path === '' ? `${where}: ${problem.message}` : `${where}: ${path}: ${problem.message}`
}

/** Everything that is wrong at once, in the order of the text, so that one round of edits is enough. */
export class ConfigError extends TidegaugeError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const ordered = [...problems].sort(byPosition)
    super('CONFIG_INVALID', ordered.map(formatProblem).join('\n'))
    this.problems = ordered
  }
}

function byPosition(a: ConfigProblem, b: ConfigProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  const lines = (a.position?.line ?? 0) - (b.position?.line ?? 0)
  return lines !== 0 ? lines : (a.position?.column ?? 0) - (b.position?.column ?? 0)
}
