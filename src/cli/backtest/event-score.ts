import { type IndexWindow, probation, type ScoredFile } from './scored-file.ts'

/** Flagged records at most this far apart are one alert. */
const MERGE_GAP = 5
/** Records after a window within which an alert still counts for it. */
const SLACK = 3

export interface EventScore {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly alerts: number
  readonly falseAlarms: number
  readonly falseAlarmsPer1000: number
  readonly windows: number
  readonly windowsHit: number
  /** Median records from a hit window's first record to its first flagged one; undefined when none is hit. */
  readonly delayRecords: number | undefined
  /** Of the score against the windows' records: mean over the files with windows; undefined without windows. */
  readonly averagePrecision: number | undefined
}

interface FileResult {
  readonly windows: number
  readonly delays: readonly number[]
  readonly alerts: number
  readonly falseAlarms: number
  readonly records: number
  readonly averagePrecision: number | undefined
}

/** The windows' records after probation, by the records' own timestamps. */
function scoredWindows(file: ScoredFile, from: number): IndexWindow[] {
  const found: IndexWindow[] = []
  for (const window of file.windows) {
    const inside = (time: number): boolean => time >= window.startMs && time <= window.endMs
    const first = file.timestamps.findIndex(inside)
    const last = file.timestamps.findLastIndex(inside)
    if (last >= from) found.push({ first: Math.max(first, from), last })
  }
  return found
}

/** Runs of flagged records that are close together. */
export function mergeAlerts(flagged: readonly number[]): IndexWindow[] {
  const alerts: IndexWindow[] = []
  for (const at of flagged) {
    const open = alerts.at(-1)
    if (open !== undefined && at - open.last <= MERGE_GAP) alerts[alerts.length - 1] = { first: open.first, last: at }
    else alerts.push({ first: at, last: at })
  }
  return alerts
}

function meets(alert: IndexWindow, window: IndexWindow): boolean {
  return alert.first <= window.last + SLACK && alert.last >= window.first - 1
}

/** An alert that goes on and on proves nothing: over three times the windows that it meets, and 10 records. */
function isEndless(alert: IndexWindow, windows: readonly IndexWindow[]): boolean {
  let met = 0
  for (const window of windows) if (meets(alert, window)) met += window.last - window.first + 1
  return met > 0 && alert.last - alert.first + 1 > 3 * met + 10
}

/** Area under precision over recall as steps; ties share one threshold. */
export function averagePrecision(scores: readonly number[], marks: readonly boolean[]): number | undefined {
  const order = scores.map((_, at) => at).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
  const total = marks.filter(Boolean).length
  if (total === 0) return undefined
  let area = 0
  let hits = 0
  let gained = 0
  for (let i = 0; i < order.length; i++) {
    if (marks[order[i] ?? 0]) gained++
    if (i + 1 < order.length && scores[order[i + 1] ?? 0] === scores[order[i] ?? 0]) continue
    hits += gained
    area += (gained / total) * (hits / (i + 1))
    gained = 0
  }
  return area
}

function scoreFile(file: ScoredFile): FileResult {
  const from = probation(file.scores.length)
  const windows = scoredWindows(file, from)
  const flagged: number[] = []
  for (let at = from; at < file.grades.length; at++) if ((file.grades[at] ?? 0) > 0) flagged.push(at)
  const alerts = mergeAlerts(flagged)
  const useful = alerts.filter((alert) => !isEndless(alert, windows))
  const delays: number[] = []
  for (const window of windows) {
    if (!useful.some((alert) => meets(alert, window))) continue
    const inside = flagged.find((at) => at >= window.first - 1 && at <= window.last + SLACK)
    delays.push(Math.max(0, (inside ?? window.first) - window.first))
  }
  const good = useful.filter((alert) => windows.some((window) => meets(alert, window))).length
  const marks = new Array<boolean>(file.scores.length - from).fill(false)
  for (const window of windows) marks.fill(true, window.first - from, window.last - from + 1)
  return {
    windows: windows.length,
    delays,
    alerts: alerts.length,
    falseAlarms: alerts.length - good,
    records: marks.length,
    averagePrecision: averagePrecision(Array.from(file.scores.subarray(from)), marks),
  }
}

/** Python's statistics.median, so that the figures agree with the reference scorer's. */
function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]
  return sorted.length === 0 ? undefined : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/**
 * Precision, recall and F1 over alerts and labelled windows at the detector's own operating point (grade > 0), pooled
 * over the files. A window is hit when an alert meets it, from one record before it to three after it.
 */
export function eventScore(files: readonly ScoredFile[]): EventScore {
  const results = files.map(scoreFile)
  const sum = (of: (result: FileResult) => number): number => results.reduce((total, result) => total + of(result), 0)
  const windows = sum((result) => result.windows)
  const windowsHit = sum((result) => result.delays.length)
  const alerts = sum((result) => result.alerts)
  const falseAlarms = sum((result) => result.falseAlarms)
  const records = sum((result) => result.records)
  const precision = alerts > 0 ? (alerts - falseAlarms) / alerts : 0
  const recall = windows > 0 ? windowsHit / windows : 0
  const precisions = results.flatMap((result) => result.averagePrecision ?? [])
  return {
    precision,
    recall,
    f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0,
    alerts,
    falseAlarms,
    falseAlarmsPer1000: records > 0 ? (1000 * falseAlarms) / records : 0,
    windows,
    windowsHit,
    delayRecords: median(results.flatMap((result) => result.delays)),
    averagePrecision: precisions.length > 0 ? precisions.reduce((a, b) => a + b, 0) / precisions.length : undefined,
  }
}
