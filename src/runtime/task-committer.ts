import { assert } from '../core/assert.ts'
import { asTidegaugeError, TidegaugeError } from '../core/errors.ts'
import type {
  BatchControl,
  CommittedOffset,
  CommitUnit,
  FetchCommitted,
  OffsetToCommit,
  SinkFactory,
  TransactionalSink,
} from './ports.ts'

/** Waits between attempts double from the first to the second, ms. */
const BACKOFF_MS = { first: 250, most: 30_000 }

export interface CommitterPorts {
  readonly sinks: SinkFactory
  readonly sleep: (durationMs: number) => Promise<void>
  /** Told of every failure, also of those that are tried again. */
  readonly onFailure: (error: TidegaugeError) => void
}

/** Results of one partition, with the offset after the last record that caused them. */
export interface TaskUnit extends CommitUnit {
  readonly offsets: readonly [OffsetToCommit & { readonly metadata: string }]
}

/** The transactional producer of one task: commits each unit exactly once, or finds out that it may not any more. */
export class TaskCommitter {
  readonly #id: string
  readonly #group: string
  readonly #ports: CommitterPorts
  #sink: TransactionalSink | undefined
  /** What the next unit goes on from: as it was when the partition was taken, or after our last commit. */
  #base: CommittedOffset | undefined
  #fetchCommitted: FetchCommitted = async () => undefined
  /** Why nothing may be committed any more: finding out may have taken the partition back from who is its owner now. */
  #over: TidegaugeError | undefined

  constructor(id: string, group: string, ports: CommitterPorts) {
    this.#id = id
    this.#group = group
    this.#ports = ports
  }

  /**
   * Fences the former owner of the partition, and only then asks for the committed offset: no commit of the former
   * owner can come after the answer.
   */
  async take(fetchCommitted: FetchCommitted): Promise<CommittedOffset | undefined> {
    this.#fetchCommitted = fetchCommitted
    await this.#open()
    const committed = await fetchCommitted()
    this.#base = committed
    return committed
  }

  /** Tries until the unit is committed; rejects when the partition is another's (FENCED) or trying again is no use. */
  async commit(unit: TaskUnit, control: BatchControl): Promise<void> {
    if (this.#over !== undefined) throw this.#over
    const [{ offset, metadata }] = unit.offsets
    for (let attempt = 0; ; attempt++) {
      try {
        assert(this.#sink !== undefined, 'a commit before the assignment')
        await this.#sink.commit(unit)
        this.#base = { offset, metadata }
        return
      } catch (thrown) {
        this.#retryableOrThrow(thrown)
        if (await this.#tookEffect({ offset, metadata }, attempt, control)) {
          this.#base = { offset, metadata }
          return
        }
      }
    }
  }

  /**
   * A commit that failed may have taken effect all the same (its answer was lost). Opening the sink anew ends whatever
   * was under way, one way or the other; then the broker's offset tells which, and nothing is written twice. A unit that
   * moves no offset differs in the metadata. What is neither the unit's nor what it goes on from is another owner's: while
   * we waited, it has written a part of what is in the unit.
   */
  async #tookEffect(unit: CommittedOffset, attempt: number, control: BatchControl): Promise<boolean> {
    for (let tries = attempt; ; tries++) {
      await this.#ports.sleep(Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(tries, 10)))
      await control.heartbeat()
      if (!control.isCurrent())
        throw this.#ended(new TidegaugeError('FENCED', 'the partition went to another owner', { where: this.#id }))
      try {
        await this.#open()
        const committed = await this.#fetchCommitted()
        if (isSameCommit(committed, unit)) return true
        if (isSameCommit(committed, this.#base)) return false
        const what = committed?.offset ?? 'nothing'
        throw new TidegaugeError('FENCED', `another owner has committed ${what}`, { where: this.#id })
      } catch (thrown) {
        this.#retryableOrThrow(thrown)
      }
    }
  }

  #retryableOrThrow(thrown: unknown): void {
    const error = asTidegaugeError(thrown)
    this.#ports.onFailure(error)
    if (!error.retryable) throw this.#ended(error)
  }

  /** Nothing is committed after this. */
  #ended(error: TidegaugeError): TidegaugeError {
    this.#over = error
    return error
  }

  async #open(): Promise<void> {
    // What is left of a sink that failed is not needed: opening the next one ends its transaction.
    await this.#sink?.close().catch(() => {})
    this.#sink = await this.#ports.sinks.open(this.#id, this.#group)
  }

  async close(): Promise<void> {
    await this.#sink?.close()
  }
}

/** A unit that moves no offset differs in its metadata. */
export function isSameCommit(one: CommittedOffset | undefined, other: CommittedOffset | undefined): boolean {
  return one?.offset === other?.offset && one?.metadata === other?.metadata
}
