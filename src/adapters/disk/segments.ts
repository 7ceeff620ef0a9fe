import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isStillAt } from './files.ts'
import { LineSplitter } from './line-reader.ts'
import { errnoOf, storageError } from './storage-error.ts'

/**
 * A file of lines that grows for ever is kept in segments: the newest is the file itself, each older one was renamed
 * to `<file>.<number of its first line>-<number after its last>`, counted from the first line that was ever written.
 */
export interface Segment {
  readonly path: string
  readonly first: number
  readonly end: number
}

const DIGITS = 12
const CHUNK_BYTES = 256 * 1024
const POLL_MS = 200
const NEWLINE = 0x0a

export function segmentPath(path: string, first: number, end: number): string {
  return `${path}.${String(first).padStart(DIGITS, '0')}-${String(end).padStart(DIGITS, '0')}`
}

/** The closed segments of a file, oldest first. */
export async function closedSegments(path: string): Promise<readonly Segment[]> {
  const prefix = `${basename(path)}.`
  const names = await readdir(dirname(path)).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return []
    throw thrown
  })
  return names
    .flatMap((name): Segment[] => {
      const numbers = name.startsWith(prefix) ? /^(\d+)-(\d+)$/.exec(name.slice(prefix.length)) : null
      return numbers === null
        ? []
        : [{ path: join(dirname(path), name), first: Number(numbers[1]), end: Number(numbers[2]) }]
    })
    .sort((a, b) => a.first - b.first)
}

/** Removes the oldest, so that at most `count` closed segments are left. */
export async function keepNewest(path: string, count: number): Promise<void> {
  const segments = await closedSegments(path)
  for (const { path: old } of segments.slice(0, Math.max(0, segments.length - count))) await rm(old, { force: true })
}

/** How many lines the first `length` bytes of a file hold. */
export async function countLines(file: FileHandle, length: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  let lines = 0
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, length - at), at)
    if (bytesRead === 0) break
    for (let i = buffer.indexOf(NEWLINE); i !== -1 && i < bytesRead; i = buffer.indexOf(NEWLINE, i + 1)) lines++
    at += bytesRead
  }
  return lines
}

export interface FollowOptions {
  /** Lines from the first one ever written that are passed over. */
  readonly skip: bigint
  readonly signal: AbortSignal
  /** Told when lines were removed before they were read. */
  readonly lost: (lines: number) => void
}

/** Follows a file through its segments, in batches of lines; ends when told to. */
export async function* followSegments(path: string, options: FollowOptions): AsyncGenerator<readonly Uint8Array[]> {
  const { signal } = options
  let next = Number(options.skip)
  while (!signal.aborted) {
    const segments = await closedSegments(path)
    const closed = segments.find(({ end }) => end > next)
    const first = closed?.first ?? segments.at(-1)?.end ?? 0
    if (first > next) {
      options.lost(first - next)
      next = first
    }
    const reading = { first, closed: closed !== undefined, skip: BigInt(next - first), signal }
    for await (const lines of readOne(closed?.path ?? path, reading)) {
      next += lines.length
      yield lines
    }
  }
}

/** Reads one segment to its end. The newest one has its end when another file has taken its place. */
async function* readOne(
  path: string,
  { first, closed, skip, signal }: { first: number; closed: boolean; skip: bigint; signal: AbortSignal },
): AsyncGenerator<readonly Uint8Array[]> {
  const pause = () => sleep(POLL_MS, undefined, { signal }).catch(() => {})
  const file = await open(path, 'r').catch((thrown: unknown) => {
    // Not written yet, or renamed a moment ago.
    if (errnoOf(thrown) === 'ENOENT') return undefined
    throw storageError(thrown, 'read', path)
  })
  if (file === undefined) return pause()
  const splitter = new LineSplitter(skip)
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  try {
    // Rotated between looking and opening: this is another segment than was meant.
    if (!closed && ((await closedSegments(path)).at(-1)?.end ?? 0) !== first) return
    for (let position = 0, complete = closed; !signal.aborted; ) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position)
      position += bytesRead
      const lines = splitter.push(buffer.subarray(0, bytesRead))
      if (lines.length > 0) yield lines
      if (bytesRead > 0) continue
      if (complete) return
      // Nothing is written to it once it was renamed: what is read after that is all.
      complete = !(await isStillAt(file, path))
      if (!complete) await pause()
    }
  } finally {
    await file.close()
  }
}
