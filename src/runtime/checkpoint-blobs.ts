import { asTidegaugeError, type TidegaugeError } from '../core/errors.ts'
import type { LogPlace, StateLog, StateStore, StoredBlob, TopicPartition } from './ports.ts'

export const CHECKPOINT_SOURCES = ['disk', 'changelog'] as const
export type CheckpointSource = (typeof CHECKPOINT_SOURCES)[number]

export interface BlobStores {
  readonly disk: StateStore
  readonly changelog: { readonly log: StateLog; readonly at: TopicPartition } | undefined
}

/**
 * The blobs of one task's checkpoints. With a changelog, the changelog is what counts and the disk is a cache of it: a
 * disk that fails is told, and holds up nothing. Without one, the disk is what counts.
 */
export class CheckpointBlobs {
  readonly #stores: BlobStores
  #diskFailure: TidegaugeError | undefined

  constructor(stores: BlobStores) {
    this.#stores = stores
  }

  get sources(): readonly CheckpointSource[] {
    return this.#stores.changelog === undefined ? ['disk'] : CHECKPOINT_SOURCES
  }

  get hasChangelog(): boolean {
    return this.#stores.changelog !== undefined
  }

  /** What the disk failed with since this was asked last. */
  takeDiskFailure(): TidegaugeError | undefined {
    const failure = this.#diskFailure
    this.#diskFailure = undefined
    return failure
  }

  /** The disk could not be read. */
  diskFailed(thrown: unknown): void {
    this.#diskFailure = asTidegaugeError(thrown)
  }

  /** Removes what was just put, and what nobody was told of. */
  async discard(blobs: readonly StoredBlob[]): Promise<void> {
    const { disk, changelog } = this.#stores
    for (const { name } of blobs) await disk.delete(name)
    await changelog?.log.remove(changelog.at, blobs)
  }

  /** Gives its place in the changelog, if there is one. */
  async put(name: string, bytes: Uint8Array): Promise<LogPlace | undefined> {
    const { disk, changelog } = this.#stores
    if (changelog === undefined) {
      await disk.put(name, bytes)
      return undefined
    }
    const [place] = await Promise.all([
      changelog.log.append(changelog.at, name, bytes),
      this.#cached(() => disk.put(name, bytes)),
    ])
    return place
  }

  /** Puts into the cache what was read from the changelog. */
  async cache(name: string, bytes: Uint8Array): Promise<void> {
    await this.#cached(() => this.#stores.disk.put(name, bytes))
  }

  /** After one failure the disk is left alone until somebody has taken notice: a cache with gaps is none. */
  async #cached(action: () => Promise<void>): Promise<void> {
    if (this.#diskFailure !== undefined) return
    try {
      await action()
    } catch (thrown) {
      this.#diskFailure = asTidegaugeError(thrown)
    }
  }

  /** A disk that cannot be read is told, and has nothing. */
  async read(source: CheckpointSource, name: string, place: LogPlace | undefined): Promise<Uint8Array | undefined> {
    const { disk, changelog } = this.#stores
    if (source === 'changelog') {
      return changelog === undefined || place === undefined ? undefined : changelog.log.read(changelog.at, name, place)
    }
    try {
      return await disk.get(name)
    } catch (thrown) {
      this.diskFailed(thrown)
      return undefined
    }
  }

  /** What is in the changelog after that offset. */
  async strays(prefix: string, after: bigint): Promise<readonly StoredBlob[]> {
    const { changelog } = this.#stores
    return changelog === undefined ? [] : changelog.log.strays(changelog.at, prefix, after)
  }

  /** On disk, sorted. */
  list(prefix: string): Promise<readonly string[]> {
    return this.#stores.disk.list(prefix)
  }

  /**
   * Removes the blobs from both stores, and what else is on disk below the prefix and astray: an owner who did not come
   * to its end has left it, so it is in the changelog too.
   */
  async clean(prefix: string, isStray: (name: string) => boolean, gone: readonly StoredBlob[]): Promise<void> {
    const { disk, changelog } = this.#stores
    const strays: StoredBlob[] = []
    try {
      for (const { name } of gone) await disk.delete(name)
      for (const name of await disk.list(prefix)) {
        if (!isStray(name)) continue
        if (changelog !== undefined) strays.push({ name, bytes: (await disk.get(name))?.length ?? 0 })
        await disk.delete(name)
      }
    } finally {
      await changelog?.log.remove(changelog.at, [...gone, ...strays])
    }
  }
}
