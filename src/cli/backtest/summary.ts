import { type EventScore, eventScore } from './event-score.ts'
import type { Labels, LabelWindow } from './labels.ts'
import { type NabProfile, type NabScore, nabScores } from './nab-score.ts'
import type { ScoredFile } from './scored-file.ts'

/** One file's line in the summary. */
export interface FileSummary {
  readonly name: string
  readonly rows: number
  readonly periodMs: number
  readonly lateRows: number
  readonly missingPeriods: number
  readonly missingValues: number
  /** Runs of records with a grade above 0, at most 5 records apart. */
  readonly alerts: number
}

export interface BacktestSummary {
  readonly files: readonly FileSummary[]
  readonly rows: number
  readonly alerts: number
  readonly alertsPer1000: number
  readonly seconds: number
  readonly rowsPerSecond: number
  readonly events: EventScore | undefined
  readonly nab: Readonly<Record<NabProfile, NabScore>> | undefined
}

/** The windows of a file: by its name, or by the end of its name when a single file of the set was given. */
export function windowsOf(labels: Labels, name: string): readonly LabelWindow[] | undefined {
  const exact = labels.get(name)
  if (exact !== undefined) return exact
  const ends = [...labels.keys()].filter((key) => key.endsWith(`/${name}`))
  return ends.length === 1 ? labels.get(ends[0] ?? '') : undefined
}

/** Adds up the files; with labels, the scores of those that have an entry there. */
export function summarize(
  files: readonly FileSummary[],
  labelled: readonly ScoredFile[],
  seconds: number,
): BacktestSummary {
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  const alerts = files.reduce((sum, file) => sum + file.alerts, 0)
  return {
    files,
    rows,
    alerts,
    alertsPer1000: rows > 0 ? (1000 * alerts) / rows : 0,
    seconds,
    rowsPerSecond: seconds > 0 ? Math.round(rows / seconds) : 0,
    events: labelled.length > 0 ? eventScore(labelled) : undefined,
    nab: labelled.length > 0 ? nabScores(labelled) : undefined,
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function eventLines(events: EventScore): string[] {
  const { precision, recall, f1, windows, windowsHit, falseAlarms, falseAlarmsPer1000, delayRecords } = events
  const lines = [
    `events      F1 ${f1.toFixed(3)}, precision ${percent(precision)}, recall ${percent(recall)} (${windowsHit} of ${windows} windows)`,
    `            ${falseAlarms} false alarms, ${falseAlarmsPer1000.toFixed(2)} per 1,000 records`,
  ]
  if (delayRecords !== undefined) lines.push(`            median delay ${delayRecords} records from a window's start`)
  if (events.averagePrecision !== undefined) {
    lines.push(`            average precision of the score, mean of files: ${events.averagePrecision.toFixed(3)}`)
  }
  return lines
}

/** The summary for a terminal. */
export function renderSummary(summary: BacktestSummary): string {
  const { files, rows, alerts, alertsPer1000, seconds, rowsPerSecond, events, nab } = summary
  const late = files.reduce((sum, file) => sum + file.lateRows, 0)
  const missing = files.reduce((sum, file) => sum + file.missingPeriods + file.missingValues, 0)
  const lines = [
    `records     ${rows} in ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${seconds.toFixed(1)} s, ${rowsPerSecond} records/s`,
    `            ${missing} periods without data, ${late} rows repeated or going back in time (not learned)`,
    `alerts      ${alerts}, ${alertsPer1000.toFixed(2)} per 1,000 records`,
  ]
  if (events !== undefined) lines.push(...eventLines(events))
  if (nab !== undefined) {
    const { standard, rewardLowFalsePositives, rewardLowFalseNegatives } = nab
    const scores = [standard, rewardLowFalsePositives, rewardLowFalseNegatives].map((each) => each.score.toFixed(1))
    lines.push(`NAB         standard ${scores[0]}, reward low FP ${scores[1]}, reward low FN ${scores[2]}`)
  }
  return lines.join('\n')
}
