/** What the table needs to know of an entry. */
export interface TableEntry {
  readonly key: string
  /** Start of the newest period in which the entry had data, event time. */
  lastActiveMs: number
}

export const ADMISSIONS = ['known', 'created', 'evicted_other', 'refused'] as const
export type Admission = (typeof ADMISSIONS)[number]

/** What happens to a new entry when the table is full. */
export type OnLimit = 'evict' | 'refuse'

/**
 * A bounded table in order of last activity. Recency is kept by period, not by sample: an entry moves to the end once
 * a period, so that the hot path is one look-up.
 *
 * When full, `evict` lets go of the least recently active entry, but only one that has been silent for `idleMs`: a
 * flood of new series does not throw out what was learned about the living ones. Else the newcomer is refused.
 */
export class EntityTable<T extends TableEntry> {
  readonly #entries = new Map<string, T>()
  readonly #limit: number
  readonly #onLimit: OnLimit
  readonly #idleMs: number
  readonly #onEvict: (entry: T) => void

  constructor(options: { limit: number; onLimit: OnLimit; idleMs: number; onEvict: (entry: T) => void }) {
    this.#limit = options.limit
    this.#onLimit = options.onLimit
    this.#idleMs = options.idleMs
    this.#onEvict = options.onEvict
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)
  }

  /** Makes room for one more at event time `nowMs`; says whether it may come. */
  admit(nowMs: number): Exclude<Admission, 'known'> {
    if (this.#entries.size < this.#limit) return 'created'
    const [oldest] = this.#entries.values()
    if (this.#onLimit === 'refuse' || oldest === undefined || nowMs - oldest.lastActiveMs < this.#idleMs)
      return 'refused'
    this.remove(oldest)
    return 'evicted_other'
  }

  add(entry: T): void {
    this.#entries.set(entry.key, entry)
  }

  /** Notes activity in the period that starts at `periodMs`. */
  touch(entry: T, periodMs: number): void {
    if (periodMs <= entry.lastActiveMs) return
    entry.lastActiveMs = periodMs
    this.#entries.delete(entry.key)
    this.#entries.set(entry.key, entry)
  }

  remove(entry: T): void {
    if (this.#entries.delete(entry.key)) this.#onEvict(entry)
  }

  /** From the least to the most recently active. */
  values(): IterableIterator<T> {
    return this.#entries.values()
  }

  clear(): void {
    for (const entry of [...this.#entries.values()]) this.remove(entry)
  }
}
