import { type ConfigError, type ConfigProblem, formatPath, formatProblem } from '../../config/problem.ts'
import type { PipelineConfig } from '../../config/schema/pipeline.ts'
import { formatDuration } from '../../core/duration.ts'
import type { Result } from '../../core/result.ts'

/** What `check` found, as data. */
export interface CheckReport {
  readonly ok: boolean
  readonly files: readonly string[]
  readonly problems: readonly CheckProblem[]
  /** What each file says; empty unless all are right. */
  readonly pipelines: readonly PipelineSummary[]
}

interface CheckProblem {
  readonly file: string
  readonly line: number | null
  readonly column: number | null
  readonly path: string
  readonly message: string
  /** The whole line as people see it. */
  readonly text: string
}

interface PipelineSummary {
  readonly name: string
  readonly topics: readonly string[]
  readonly group: string
  readonly period: string
  readonly alarms: number
  readonly composites: number
  readonly channels: number
}

export function checkReport(
  files: readonly string[],
  loaded: Result<readonly PipelineConfig[], ConfigError>,
): CheckReport {
  return loaded.ok
    ? { ok: true, files, problems: [], pipelines: loaded.value.map(summarize) }
    : { ok: false, files, problems: loaded.error.problems.map(flatten), pipelines: [] }
}

function flatten(problem: ConfigProblem): CheckProblem {
  const { file, position, path, message } = problem
  return {
    file,
    line: position?.line ?? null,
    column: position?.column ?? null,
    path: formatPath(path),
    message,
    text: formatProblem(problem),
  }
}

function summarize(config: PipelineConfig): PipelineSummary {
  return {
    name: config.name,
    topics: config.source.kafka.topics,
    group: config.source.kafka.group,
    period: formatDuration(config.period.length),
    alarms: config.alarms.length,
    composites: config.composites.length,
    channels: config.notify.length,
  }
}

export function checkText(report: CheckReport): string {
  if (!report.ok) {
    const count = report.problems.length
    return `${report.problems.map(({ text }) => `${text}\n`).join('')}${plural(count, 'problem')}\n`
  }
  return report.pipelines.map((pipeline, i) => `${report.files[i]}: ok: ${describe(pipeline)}\n`).join('')
}

function describe(pipeline: PipelineSummary): string {
  const topics = `${pipeline.topics.length === 1 ? 'topic' : 'topics'} ${pipeline.topics.join(', ')}`
  const counts = [
    plural(pipeline.alarms, 'alarm'),
    plural(pipeline.composites, 'composite'),
    plural(pipeline.channels, 'channel'),
  ]
  return `${pipeline.name}: ${topics} as ${pipeline.group}, period ${pipeline.period}, ${counts.join(', ')}`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
