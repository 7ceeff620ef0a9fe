import type { AlarmChange } from './views.ts'

/**
 * The newest changes of state over all alarms, numbered from 1: so that whoever looked before can ask what came since.
 * Bounded: the oldest give way, and a series' own changes are looked for among those that are kept.
 */
export class AlarmHistory {
  readonly #capacity: number
  readonly #changes: AlarmChange[] = []
  #sequence = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** The number of the newest change; 0 when there was none. */
  get sequence(): number {
    return this.#sequence
  }

  add(change: Omit<AlarmChange, 'sequence'>): void {
    const sequence = ++this.#sequence
    this.#changes[(sequence - 1) % this.#capacity] = { ...change, sequence }
  }

  /** Kept changes after the given number, oldest first: the newest `limit` of them. */
  since(sequence: number, limit: number): readonly AlarmChange[] {
    const count = Math.min(this.#sequence - sequence, this.#changes.length, limit)
    const found: AlarmChange[] = []
    for (let number = this.#sequence - count; number < this.#sequence; number++) {
      const change = this.#changes[number % this.#capacity]
      if (change !== undefined) found.push(change)
    }
    return found
  }

  /** Kept changes of one series, in the order of event time. */
  of(seriesId: string): readonly AlarmChange[] {
    return this.since(0, this.#capacity)
      .filter((change) => change.seriesId === seriesId)
      .sort((a, b) => a.timestampMs - b.timestampMs)
  }
}
