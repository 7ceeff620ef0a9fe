import { open, stat } from 'node:fs/promises'
import { TidegaugeError } from '../../core/errors.ts'
import { parseTimestamp } from './timestamps.ts'

/** One series as a CSV file holds it: a row a record, in the file's order. */
export interface CsvSeries {
  /** The timestamps as written, so that results can be joined with the input text for text. */
  readonly texts: readonly string[]
  /** Shape [rows]: milliseconds since the epoch. */
  readonly timestamps: Float64Array
  /** Shape [rows]; NaN where the cell is empty or says NaN, null or NA: a period without data. */
  readonly values: Float64Array
}

const MAX_COLUMNS = 10_000
const MAX_LINE_CHARS = 1_000_000
const MAX_FILE_BYTES = 512 * 1024 * 1024
const MISSING = new Set(['', 'nan', 'null', 'na', 'n/a', 'none'])
const TIME_NAMES = ['timestamp', 'time', 'datetime', 'date', 'ts']

/** Splits one line; quotes as RFC 4180 has them, but a quoted cell may not run over a line's end. */
function cells(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  const found: string[] = []
  const pattern = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g
  for (const match of line.matchAll(pattern)) found.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
  return found
}

interface Columns {
  readonly time: number
  readonly value: number
}

function invalid(path: string, line: number, message: string, hint: string): TidegaugeError {
  return new TidegaugeError('INPUT_INVALID', message, { where: `${path}:${line}`, hint })
}

/** Finds the two columns by the header's names; a first line that is data already is an error, not a guess. */
function findColumns(path: string, header: string, valueName: string | undefined): Columns {
  const names = cells(header).map((name) => name.trim().toLowerCase())
  if (names.length > MAX_COLUMNS) {
    throw invalid(path, 1, `${names.length} columns`, `at most ${MAX_COLUMNS}; give timestamp,value`)
  }
  if (parseTimestamp(names[0] ?? '') !== undefined) {
    throw invalid(path, 1, 'no header: the first line is data', 'put a line timestamp,value at the top')
  }
  const time = names.findIndex((name) => TIME_NAMES.includes(name))
  if (time < 0) {
    throw invalid(path, 1, 'no timestamp column in the header', `name one of the columns ${TIME_NAMES.join(', ')}`)
  }
  const wanted = valueName?.toLowerCase() ?? 'value'
  const named = names.indexOf(wanted)
  const only = valueName === undefined && names.length === 2 ? 1 - time : -1
  const value = named >= 0 ? named : only
  if (value < 0) throw invalid(path, 1, `no column ${wanted} in the header`, 'name the column of the metric value')
  return { time, value }
}

function parseValue(path: string, line: number, text: string): number {
  const trimmed = text.trim()
  if (MISSING.has(trimmed.toLowerCase())) return Number.NaN
  const value = Number(trimmed)
  if (Number.isFinite(value)) return value
  const hint = 'leave the cell empty for a period without data'
  throw invalid(path, line, `value ${JSON.stringify(trimmed.slice(0, 40))} is not a finite number`, hint)
}

/** Parses the text of a CSV file; `path` is for messages. Throws INPUT_INVALID with the file and line. */
export function parseCsvSeries(path: string, text: string, valueName?: string): CsvSeries {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop()
  const header = lines[0]
  if (header === undefined) throw invalid(path, 1, 'the file is empty', 'a CSV with the columns timestamp,value')
  if (header.length > MAX_LINE_CHARS)
    throw invalid(path, 1, `a header of ${header.length} characters`, 'is it a CSV file?')
  const columns = findColumns(path, header, valueName)
  const texts: string[] = []
  const timestamps = new Float64Array(Math.max(0, lines.length - 1))
  const values = new Float64Array(timestamps.length)
  for (let i = 1; i < lines.length; i++) {
    const row = cells(lines[i] ?? '')
    const time = row[columns.time]
    const value = row[columns.value]
    if (time === undefined || value === undefined) {
      throw invalid(path, i + 1, `${row.length} cells, fewer than the header names`, 'complete or remove the line')
    }
    const at = parseTimestamp(time)
    if (at === undefined) {
      const hint = 'write 2024-01-31 23:59:00, with Z or an offset if not UTC, or a Unix time'
      throw invalid(path, i + 1, `timestamp ${JSON.stringify(time.slice(0, 40))} is not understood`, hint)
    }
    texts.push(time.trim())
    timestamps[i - 1] = at
    values[i - 1] = parseValue(path, i + 1, value)
  }
  return { texts, timestamps, values }
}

/** Reads one CSV file with the columns timestamp and value (or `valueName`), UTF-8 with or without a byte order mark. */
export async function readCsvSeries(path: string, valueName?: string): Promise<CsvSeries> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new TidegaugeError('INPUT_INVALID', 'cannot be read', { where: path, hint: 'is the path right?', cause })
  })
  if (size > MAX_FILE_BYTES) {
    const hint = `at most ${MAX_FILE_BYTES} bytes a file: split it by series`
    throw new TidegaugeError('INPUT_INVALID', `is ${size} bytes long`, { where: path, hint })
  }
  const file = await open(path)
  try {
    return parseCsvSeries(path, await file.readFile('utf8'), valueName)
  } finally {
    await file.close()
  }
}
