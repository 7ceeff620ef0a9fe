import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { isStillAt, makeFolder, readIfThere, replaceFile, writeFully } from './files.ts'

const UNIT = { magic: 'TGJU', version: 1 }
const LENGTH_BYTES = 4
/** A journal longer than this is begun anew with its newest unit. */
const JOURNAL_BYTES_MAX = 1024 * 1024

/**
 * A file of units, each its length (u32) and a checksummed blob; the newest whole one is the truth. A unit is there
 * when it is wholly there: what a crash left of the last one is cut off when the journal is opened.
 *
 * Opening puts a new file in the place of the old one. Who still holds the old file notices at its next append and is
 * refused: one journal has one writer.
 */
export class Journal {
  readonly #path: string
  #file: FileHandle
  #size: number

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path
    this.#file = file
    this.#size = size
  }

  /** `newest` is the text of the newest unit, undefined when there is none; it is the first one of the new file. */
  static async open(path: string): Promise<{ readonly journal: Journal; readonly newest: string | undefined }> {
    await makeFolder(dirname(path))
    const newest = newestUnit((await readIfThere(path)) ?? new Uint8Array(0), path)
    const first = newest === undefined ? new Uint8Array(0) : frame(newest)
    await replaceFile(path, first)
    return { journal: new Journal(path, await open(path, 'r+'), first.length), newest }
  }

  /** FENCED when another one has opened the journal since. */
  async assertOwned(): Promise<void> {
    if (await isStillAt(this.#file, this.#path)) return
    throw new TidegaugeError('FENCED', 'another one writes here now', {
      where: this.#path,
      hint: 'let only one process use the folder, or give each a folder of its own',
    })
  }

  /** Durable when it resolves. After a failure the journal is as it was before. */
  async append(text: string): Promise<void> {
    await this.assertOwned()
    const unit = frame(text)
    if (this.#size + unit.length > JOURNAL_BYTES_MAX) return this.#beginAnew(unit)
    try {
      await writeFully(this.#file, unit, this.#size)
      await this.#file.datasync()
    } catch (thrown) {
      await this.#file.truncate(this.#size).catch(() => {})
      throw thrown
    }
    this.#size += unit.length
  }

  async #beginAnew(unit: Uint8Array): Promise<void> {
    await replaceFile(this.#path, unit)
    const former = this.#file
    this.#file = await open(this.#path, 'r+')
    await former.close()
    this.#size = unit.length
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

function frame(text: string): Uint8Array {
  const writer = new BinaryWriter(UNIT.magic, UNIT.version, text.length + 64)
  writer.text(text)
  const blob = writer.finish()
  const unit = new Uint8Array(LENGTH_BYTES + blob.length)
  new DataView(unit.buffer).setUint32(0, blob.length, true)
  unit.set(blob, LENGTH_BYTES)
  return unit
}

/** Walks the units. A bad one is a torn tail only if nothing whole can follow it; else the file is damaged. */
function newestUnit(bytes: Uint8Array, path: string): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let newest: string | undefined
  for (let at = 0; at + LENGTH_BYTES <= bytes.length; ) {
    const length = view.getUint32(at, true)
    const end = at + LENGTH_BYTES + length
    if (end > bytes.length || bytes.subarray(at).every((byte) => byte === 0)) break
    try {
      const where = `${path} at byte ${at}`
      newest = new BinaryReader(bytes.subarray(at + LENGTH_BYTES, end), UNIT.magic, UNIT.version, where).text()
    } catch (thrown) {
      if (end === bytes.length && thrown instanceof TidegaugeError && thrown.code === 'SNAPSHOT_INVALID') break
      throw thrown
    }
    at = end
  }
  return newest
}
