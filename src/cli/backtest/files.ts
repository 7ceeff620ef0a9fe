import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { TidegaugeError } from '../../core/errors.ts'

/** A CSV file to score: where it is, and its name relative to the folder that was given, with `/`. */
export interface InputFile {
  readonly path: string
  readonly name: string
}

/** The CSV file that was given, or all below the folder that was given, in order of their names. */
export async function findCsvFiles(input: string): Promise<InputFile[]> {
  const info = await stat(input).catch((cause: unknown) => {
    throw new TidegaugeError('INPUT_INVALID', 'no such file or folder', {
      where: input,
      hint: 'is the path right?',
      cause,
    })
  })
  if (info.isFile()) return [{ path: input, name: input.split(/[\\/]/).at(-1) ?? input }]
  const entries = await readdir(input, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith('.csv'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, name: relative(input, path).split(sep).join('/') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  if (files.length > 0) return files
  throw new TidegaugeError('INPUT_INVALID', 'holds no .csv file', { where: input, hint: 'give a folder of CSV files' })
}

/** Throws when results would be written over the data that they are made from. */
export function refuseSameFolder(input: string, out: string): void {
  const source = resolve(input)
  const target = resolve(out)
  if (target !== source && target !== dirname(source)) return
  const hint = 'give another folder as --out'
  throw new TidegaugeError('INPUT_INVALID', 'results would be written over the input', { where: out, hint })
}

/** Writes a whole file or none: to a temporary name beside it, then renamed. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await writeFile(temporary, text)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw new TidegaugeError('STORAGE_FAILED', 'cannot be written', {
      where: path,
      hint: 'is there room and leave to?',
      cause,
    })
  }
}
