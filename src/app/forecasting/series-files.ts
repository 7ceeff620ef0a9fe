import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readCsvSeries } from '../../adapters/csv/read-series.ts'
import { TidegaugeError } from '../../core/errors.ts'
import type { Frequency } from '../../forecast/frequency.ts'
import { toGrid } from '../../forecast/regular-grid.ts'
import { readSeriesLines, type SeriesRecord } from '../../forecast/series-lines.ts'

const FILE_BYTES_MAX = 512 * 1024 * 1024

async function sizeOf(path: string): Promise<{ size: number; folder: boolean }> {
  try {
    const found = await stat(path)
    return { size: found.size, folder: found.isDirectory() }
  } catch (cause) {
    throw new TidegaugeError('INPUT_INVALID', 'cannot be read', { where: path, hint: 'is the path right?', cause })
  }
}

async function readCsv(path: string, frequency: Frequency): Promise<SeriesRecord> {
  const { texts, timestamps, values } = await readCsvSeries(path)
  const { startMs, target } = toGrid(timestamps, values, frequency, path)
  return { itemId: basename(path, '.csv'), start: texts[0] ?? '', startMs, target, categories: [], dynamic: [] }
}

/** Text of a file that is not too large to be read whole. Throws INPUT_INVALID, naming the file. */
export async function readText(path: string): Promise<string> {
  const { size } = await sizeOf(path)
  if (size > FILE_BYTES_MAX) {
    throw new TidegaugeError('INPUT_INVALID', `is ${size} bytes long`, {
      where: path,
      hint: `at most ${FILE_BYTES_MAX}`,
    })
  }
  return readFile(path, 'utf8')
}

/** Series of a JSON Lines file, of a CSV file (timestamp, value), or of a folder of CSV files, each named by its file. */
export async function readSeriesFiles(path: string, frequency: Frequency): Promise<readonly SeriesRecord[]> {
  const { folder } = await sizeOf(path)
  if (!folder && path.endsWith('.csv')) return [await readCsv(path, frequency)]
  if (!folder) return readSeriesLines(await readText(path), path, frequency)
  const names = (await readdir(path)).filter((name) => name.endsWith('.csv')).sort()
  if (names.length === 0) {
    throw new TidegaugeError('INPUT_INVALID', 'holds no CSV file', {
      where: path,
      hint: 'a folder of NAME.csv, each with timestamp,value',
    })
  }
  const series: SeriesRecord[] = []
  for (const name of names) series.push(await readCsv(join(path, name), frequency))
  return series
}
