import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder, syncFolder, writeFully } from './files.ts'
import { closedSegments, countLines, keepNewest, segmentPath } from './segments.ts'

/**
 * A file of lines that is only as long as its commits say. Lines are written after the committed length; until
 * `accept` they can be written again or taken back.
 */
export class JsonlFile {
  readonly #path: string
  #file: FileHandle
  #length: number
  #pending = 0

  private constructor(path: string, file: FileHandle, length: number) {
    this.#path = path
    this.#file = file
    this.#length = length
  }

  /** Cuts off what was written but not committed. A file that somebody made shorter is taken as it is. */
  static async open(path: string, committedLength: number): Promise<JsonlFile> {
    await makeFolder(dirname(path))
    const file = await openOrMake(path)
    const { size } = await file.stat()
    const length = Math.min(size, committedLength)
    if (size > length) await file.truncate(length)
    await syncFolder(dirname(path))
    return new JsonlFile(path, file, length)
  }

  /** Bytes that are committed. */
  get length(): number {
    return this.#length
  }

  /** The length that it has once the lines in hand are accepted. */
  get lengthPending(): number {
    return this.#length + this.#pending
  }

  /** Durable, but not yet counted, when it resolves. */
  async write(lines: string): Promise<void> {
    const bytes = new TextEncoder().encode(lines)
    await writeFully(this.#file, bytes, this.#length)
    await this.#file.datasync()
    this.#pending = bytes.length
  }

  accept(): void {
    this.#length += this.#pending
    this.#pending = 0
  }

  async takeBack(): Promise<void> {
    this.#pending = 0
    await this.#file.truncate(this.#length)
  }

  /**
   * Closes the file as a segment and begins another; of the closed ones, the newest `kept` stay. Only between commits,
   * and the new length has to be journaled before anything is written.
   */
  async rotate(kept: number): Promise<void> {
    const first = (await closedSegments(this.#path)).at(-1)?.end ?? 0
    const end = first + (await countLines(this.#file, this.#length))
    await rename(this.#path, segmentPath(this.#path, first, end))
    const former = this.#file
    this.#file = await openOrMake(this.#path)
    this.#length = 0
    await former.close()
    await syncFolder(dirname(this.#path))
    await keepNewest(this.#path, kept)
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

async function openOrMake(path: string): Promise<FileHandle> {
  const made = await open(path, 'a+')
  await made.close()
  return open(path, 'r+')
}
