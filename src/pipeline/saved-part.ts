/** What a piece of a snapshot holds. `entity` is a whole series as versions before 3 wrote it. */
export const PART_KINDS = ['head', 'model', 'series', 'detector', 'entity'] as const
export type PartKind = (typeof PART_KINDS)[number]

/** One piece of a snapshot. */
export interface SnapshotPart {
  readonly kind: PartKind
  /** The series' key; '' for what is the task's. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** Where a part was written last, by identity. What it is, is the business of whoever writes. */
export type PartHome = object

/**
 * One part of the state that is written by itself: where its present bytes lie, if they were written, and who waits for
 * them. A cut that has not come to a part yet is told before the part changes, so that it gets the bytes as they were.
 */
export class SavedPart {
  #home: PartHome | undefined
  #bytes = 0
  #awaited: (() => void) | undefined

  /** undefined when the part has changed since it was written, or never was. */
  get home(): PartHome | undefined {
    return this.#home
  }

  /** Its size when it was written last. */
  get bytes(): number {
    return this.#bytes
  }

  /** Called before every change of what the part holds. */
  changing(): void {
    this.#home = undefined
    if (this.#awaited === undefined) return
    const awaited = this.#awaited
    this.#awaited = undefined
    awaited()
  }

  /** `beforeChange` is called once, before the next change. */
  await(beforeChange: () => void): void {
    this.#awaited = beforeChange
  }

  /** Nobody waits any more. */
  release(): void {
    this.#awaited = undefined
  }

  settle(home: PartHome, bytes: number): void {
    this.#home = home
    this.#bytes = bytes
  }

  /** What was written there does not count. */
  forget(): void {
    this.#home = undefined
  }
}
