import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { TidegaugeError } from '../../core/errors.ts'
import { errnoOf, storageError } from './storage-error.ts'

const CHUNK_BYTES = 256 * 1024
const POLL_MS = 200
const NEWLINE = 0x0a

export interface ReadLinesOptions {
  /** Lines at the beginning that are passed over. */
  readonly skip: bigint
  /** Waits for more at the end, as `tail -F` does, and for a file that is not there yet. */
  readonly follow: boolean
  readonly signal: AbortSignal
  /** Bytes of the file whose lines were given and taken, those that were passed over among them. */
  readonly onTaken?: (bytes: number) => void
}

/**
 * Reads a file's lines in batches, as bytes without their newline; empty lines are left out but counted by none. A
 * last line without a newline is given at the end, and waited for when following: it may not be finished.
 */
export async function* readLines(path: string, options: ReadLinesOptions): AsyncGenerator<readonly Uint8Array[]> {
  const file = await openWhenThere(path, options)
  if (file === undefined) return
  const splitter = new LineSplitter(options.skip)
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  let position = 0
  try {
    while (!options.signal.aborted) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position)
      position += bytesRead
      const lines = splitter.push(buffer.subarray(0, bytesRead))
      if (lines.length > 0) yield lines
      options.onTaken?.(bytesRead)
      if (bytesRead > 0) continue
      if (!options.follow) break
      await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => {})
    }
    const rest = options.follow ? [] : splitter.rest()
    if (rest.length > 0) yield rest
  } finally {
    await file.close()
  }
}

async function openWhenThere(path: string, { follow, signal }: ReadLinesOptions): Promise<FileHandle | undefined> {
  while (!signal.aborted) {
    try {
      return await open(path, 'r')
    } catch (thrown) {
      if (errnoOf(thrown) !== 'ENOENT') throw storageError(thrown, 'read', path)
      if (!follow) throw new TidegaugeError('INPUT_INVALID', 'there is no such file', { where: path })
      await sleep(POLL_MS, undefined, { signal }).catch(() => {})
    }
  }
  return undefined
}

/** Cuts bytes into lines, whatever the pieces they come in. */
export class LineSplitter {
  #skip: bigint
  #open: Uint8Array[] = []

  constructor(skip = 0n) {
    this.#skip = skip
  }

  push(chunk: Uint8Array): Uint8Array[] {
    const lines: Uint8Array[] = []
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#add(chunk.subarray(from, end), lines)
      from = end + 1
    }
    if (from < chunk.length) this.#open.push(copied(chunk.subarray(from)))
    return lines
  }

  /** The last line, when no newline ended it. */
  rest(): Uint8Array[] {
    const lines: Uint8Array[] = []
    if (this.#open.length > 0) this.#add(new Uint8Array(0), lines)
    return lines
  }

  #add(end: Uint8Array, lines: Uint8Array[]): void {
    const line = this.#open.length === 0 ? copied(end) : new Uint8Array(Buffer.concat([...this.#open, end]))
    this.#open = []
    if (line.length === 0 || (line.length === 1 && line[0] === 0x0d)) return
    if (this.#skip > 0n) this.#skip--
    else lines.push(line)
  }
}

/** A Buffer's own slice shares its memory, which the next read overwrites. */
function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
