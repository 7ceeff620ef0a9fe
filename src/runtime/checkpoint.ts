import { randomUUID } from 'node:crypto'
import type { StateLog, StateStore, TopicPartition } from './ports.ts'
import { TaskCheckpoints } from './task-checkpoints.ts'

/** The stores that checkpoints are written to: a disk of this machine, and, with a broker, a log that outlives it. */
export class CheckpointStore {
  readonly #disk: StateStore
  readonly #log: StateLog | undefined
  readonly #newOwner: () => string

  /** `newOwner` gives a text that no other owner of a task has had: it is part of every name that the owner writes. */
  constructor(disk: StateStore, log?: StateLog, newOwner: () => string = () => randomUUID().slice(0, 8)) {
    this.#disk = disk
    this.#log = log
    this.#newOwner = newOwner
  }

  /** The checkpoints of one task, for one time of owning it. `changelog`: where in the log they go, if anywhere. */
  of(task: string, options: { readonly fingerprint: number; readonly changelog?: TopicPartition }): TaskCheckpoints {
    const log = this.#log
    const { changelog: at, fingerprint } = options
    return new TaskCheckpoints(task, fingerprint, this.#newOwner(), {
      disk: this.#disk,
      changelog: log === undefined || at === undefined ? undefined : { log, at },
    })
  }
}
