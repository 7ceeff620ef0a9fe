import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { StateStore } from '../../runtime/ports.ts'
import { makeFolder, readIfThere, replaceFile, syncFolder, UNFINISHED } from './files.ts'
import { safeName, unsafeName } from './safe-name.ts'
import { errnoOf, storageError } from './storage-error.ts'

const ENDING = '.state'

/**
 * Blobs as files under one folder; each `/` in a name is a folder. A blob is written beside its place, made durable,
 * and renamed there, so a reader or a crash finds the old version or the new one, whole. Versions are not kept here:
 * checkpoints have names of their own, and the one before stays until the next is complete.
 */
export class DiskStateStore implements StateStore {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(name)
    try {
      await this.#write(path, bytes).catch((thrown: unknown) => {
        // A deletion beside us can take the folder away between its making and its use: make it again.
        if (errnoOf(thrown) !== 'ENOENT') throw thrown
        return this.#write(path, bytes)
      })
    } catch (thrown) {
      throw storageError(thrown, 'write state', path)
    }
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    await makeFolder(dirname(path))
    await replaceFile(path, bytes)
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(name)
    try {
      return await readIfThere(path)
    } catch (thrown) {
      throw storageError(thrown, 'read state', path)
    }
  }

  /** Names that begin with the prefix, sorted. */
  async list(prefix: string): Promise<readonly string[]> {
    const folder = join(this.#root, ...prefix.split('/').slice(0, -1).map(safeName))
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const names = entries.flatMap((entry) => {
        if (!entry.isFile() || !entry.name.endsWith(ENDING)) return []
        return this.#nameOf(join(entry.parentPath, entry.name)) ?? []
      })
      return names.filter((name) => name.startsWith(prefix)).sort()
    } catch (thrown) {
      if (errnoOf(thrown) === 'ENOENT') return []
      throw storageError(thrown, 'list state', folder)
    }
  }

  async delete(name: string): Promise<void> {
    const path = this.#pathOf(name)
    try {
      await rm(path, { force: true })
      await rm(`${path}${UNFINISHED}`, { force: true })
      await this.#dropEmptyFolders(dirname(path))
    } catch (thrown) {
      throw storageError(thrown, 'delete state', path)
    }
  }

  async #dropEmptyFolders(from: string): Promise<void> {
    for (let folder = from; folder.length > this.#root.length; folder = dirname(folder)) {
      try {
        await rmdir(folder)
        await syncFolder(dirname(folder))
      } catch (thrown) {
        if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoOf(thrown) ?? '')) return
        throw thrown
      }
    }
  }

  #pathOf(name: string): string {
    return `${join(this.#root, ...name.split('/').map(safeName))}${ENDING}`
  }

  #nameOf(path: string): string | undefined {
    const parts = path.slice(join(this.#root, sep).length, -ENDING.length).split(sep).map(unsafeName)
    return parts.includes(undefined) ? undefined : parts.join('/')
  }
}
