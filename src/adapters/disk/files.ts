import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from './storage-error.ts'

/** Ending of files that are being written; one that is found was left by a crash and means nothing. */
export const UNFINISHED = '.unfinished'

/** Writes every byte at a position, however little the system takes at once. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Makes a folder's entries durable: without it a rename can be undone by a power failure. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Creates a folder and those above it; each new one is durable in its parent. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** Puts whole contents at a path: a reader, or a crash, finds the old file or the new one. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}${UNFINISHED}`
  try {
    const file = await open(unfinished, 'w')
    try {
      await writeFully(file, bytes, 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (thrown) {
    await rm(unfinished, { force: true }).catch(() => {})
    throw thrown
  }
  await syncFolder(dirname(path))
}

/** Plain bytes, not a Buffer: a Buffer's slice shares its memory, where whoever reads a blob expects a copy. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined
    throw thrown
  }
}

/** Whether the open file is still the one at the path: it may have been renamed, removed or replaced since. */
export async function isStillAt(file: FileHandle, path: string): Promise<boolean> {
  const [ours, present] = await Promise.all([
    file.stat(),
    stat(path).catch((thrown: unknown) => {
      if (errnoOf(thrown) === 'ENOENT') return undefined
      throw thrown
    }),
  ])
  return present?.ino === ours.ino && present.dev === ours.dev
}
