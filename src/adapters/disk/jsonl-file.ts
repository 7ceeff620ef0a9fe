import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder, syncFolder, writeFully } from './files.ts'

/**
 * A file of lines that is only as long as its commits say. Lines are written after the committed length; until
 * `accept` they can be written again or taken back.
 */
export class JsonlFile {
  readonly #file: FileHandle
  #length: number
  #pending = 0

  private constructor(file: FileHandle, length: number) {
    this.#file = file
    this.#length = length
  }

  /** Cuts off what was written but not committed. A file that somebody made shorter is taken as it is. */
  static async open(path: string, committedLength: number): Promise<JsonlFile> {
    await makeFolder(dirname(path))
    const file = await open(path, 'a+').then(async (made) => {
      await made.close()
      return open(path, 'r+')
    })
    const { size } = await file.stat()
    const length = Math.min(size, committedLength)
    if (size > length) await file.truncate(length)
    await syncFolder(dirname(path))
    return new JsonlFile(file, length)
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

  close(): Promise<void> {
    return this.#file.close()
  }
}
