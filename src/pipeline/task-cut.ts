import type { PartHome, PartKind, SavedPart, SnapshotPart } from './saved-part.ts'

/** A part of a task with what it takes to write it. */
export interface CutSource {
  readonly kind: PartKind
  readonly name: string
  readonly part: SavedPart
  readonly snapshot: () => Uint8Array
}

interface Waiting {
  readonly source: CutSource
  /** As they were at the cut; kept only for a part that has changed since. */
  kept: Uint8Array | undefined
}

/**
 * The state of a task at one instant, to be taken away piece by piece while the task goes on: a part that is about to
 * change before its turn is copied first. What did not change since it was written last is not in it; `homes` says
 * where that lies.
 *
 * The copies cost memory until they are taken: at worst, when a period closes for all series at once, as much as the
 * snapshot of the parts that were left.
 */
export class TaskCut {
  readonly head: SnapshotPart
  /** Parts that are not in the cut, by where they were written. */
  readonly homes: ReadonlySet<PartHome>
  readonly #waiting: Waiting[] = []
  #next = 0
  #copiedBytes = 0

  /** `isDue` says of a part that did not change whether it is to be written anew all the same. */
  constructor(head: SnapshotPart, sources: Iterable<CutSource>, isDue: (home: PartHome) => boolean) {
    this.head = head
    const homes = new Set<PartHome>()
    for (const source of sources) {
      const { home } = source.part
      if (home !== undefined && !isDue(home)) homes.add(home)
      else this.#wait({ source, kept: undefined })
    }
    this.homes = homes
  }

  #wait(waiting: Waiting): void {
    this.#waiting.push(waiting)
    waiting.source.part.await(() => {
      waiting.kept = waiting.source.snapshot()
      this.#copiedBytes += waiting.kept.length
    })
  }

  /** Parts that are still to be taken. */
  get left(): number {
    return this.#waiting.length - this.#next
  }

  /** Held for parts that have changed since the cut. */
  get copiedBytes(): number {
    return this.#copiedBytes
  }

  /** The kind of the part that is next. */
  get nextKind(): PartKind | undefined {
    return this.#waiting[this.#next]?.source.kind
  }

  /** The next part, which from now on is where it will be written; undefined after the last one. */
  take(home: PartHome): SnapshotPart | undefined {
    const waiting = this.#waiting[this.#next]
    if (waiting === undefined) return undefined
    this.#next++
    const { kind, name, part, snapshot } = waiting.source
    if (waiting.kept !== undefined) {
      const bytes = waiting.kept
      waiting.kept = undefined
      this.#copiedBytes -= bytes.length
      return { kind, name, bytes }
    }
    const bytes = snapshot()
    part.release()
    part.settle(home, bytes.length)
    return { kind, name, bytes }
  }

  /** Lets go of everything that was not taken. */
  release(): void {
    for (const { source } of this.#waiting.splice(this.#next)) source.part.release()
    this.#copiedBytes = 0
  }
}
