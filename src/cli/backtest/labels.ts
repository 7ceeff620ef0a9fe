import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { parseTimestamp } from '../../adapters/csv/timestamps.ts'
import { TidegaugeError } from '../../core/errors.ts'

/** A labelled range of a file: the timestamps of its first and last record, as NAB's combined_windows.json has them. */
export interface LabelWindow {
  readonly startMs: number
  readonly endMs: number
}

/** File (path relative to the data folder, with `/`) to its windows. */
export type Labels = ReadonlyMap<string, readonly LabelWindow[]>

const SCHEMA = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])))

/** Reads `{"folder/file.csv": [["start", "end"], ...]}`; throws INPUT_INVALID naming the file and the entry. */
export async function readLabels(path: string): Promise<Labels> {
  const hint = 'give {"folder/file.csv": [["start", "end"], ...]}'
  const parsed = SCHEMA.safeParse(await readJson(path, hint))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const where = `${path}: ${issue?.path.join('.') ?? ''}`
    throw new TidegaugeError('INPUT_INVALID', issue?.message ?? 'is not a map of windows', { where, hint })
  }
  const labels = new Map<string, LabelWindow[]>()
  for (const [file, windows] of Object.entries(parsed.data)) {
    labels.set(
      file,
      windows.map(([start, end], index) => toWindow(`${path}: ${file}[${index}]`, start, end)),
    )
  }
  return labels
}

async function readJson(path: string, hint: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new TidegaugeError('INPUT_INVALID', 'cannot be read as JSON', { where: path, hint, cause })
  }
}

function toWindow(where: string, start: string, end: string): LabelWindow {
  const startMs = parseTimestamp(start)
  const endMs = parseTimestamp(end)
  if (startMs === undefined || endMs === undefined || endMs < startMs) {
    const hint = 'two timestamps, the first not after the second'
    throw new TidegaugeError('INPUT_INVALID', `window ${start} .. ${end} is not understood`, { where, hint })
  }
  // NAB writes microseconds in its labels; the data has whole seconds.
  return { startMs: Math.floor(startMs / 1000) * 1000, endMs: Math.floor(endMs / 1000) * 1000 }
}
