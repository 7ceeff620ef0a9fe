import { TidegaugeError } from '../../src/core/errors.ts'
import type { Rng } from '../../src/core/rng.ts'
import type { LogPlace, StateLog, StateStore, TopicPartition } from '../../src/runtime/ports.ts'
import { MemoryLog } from '../support/memory-log.ts'
import { MemoryStore } from '../support/memory-store.ts'

const DISKS = 3

/**
 * Where a simulation's state is written: a changelog that all processes share, and disks that some share, some keep to
 * themselves, and some lose. What is asked takes its time, so that the tasks go on meanwhile.
 */
export class StateWorld {
  readonly #rng: Rng
  readonly #log = new MemoryLog()
  readonly #disks = Array.from({ length: DISKS }, () => new MemoryStore())
  /** Without, nothing fails, is torn, lost or late. */
  readonly faults: boolean
  /** Half of the worlds have a changelog that can be relied on: what is named is always found again. */
  readonly soundLog: boolean

  constructor(rng: Rng, faults: boolean) {
    this.#rng = rng
    this.faults = faults
    this.soundLog = rng.below(2) === 0
  }

  /** What a process that starts now sees. */
  enter(): StateProcess {
    const at = this.#rng.below(DISKS)
    if (this.faults && this.#rng.below(4) === 0) this.#disks[at] = new MemoryStore()
    return new StateProcess(this.#disks[at] ?? new MemoryStore(), this.#log, this.#rng, this)
  }
}

/** One process's access to disk and changelog: it ends with the process, between any two writes. */
export class StateProcess {
  readonly #disk: StateStore
  readonly #log: MemoryLog
  readonly #rng: Rng
  readonly #world: StateWorld
  #killed = false

  constructor(disk: StateStore, log: MemoryLog, rng: Rng, world: StateWorld) {
    this.#disk = disk
    this.#log = log
    this.#rng = rng
    this.#world = world
  }

  /** For a planted fault: removes from the changelog whatever is not this generation's, of any task. */
  async keepOnly(generation: string): Promise<void> {
    const others = this.#log.names().filter((name) => !name.includes(generation))
    await this.log.remove(
      { topic: 'state', partition: 0 },
      others.map((name) => ({ name, bytes: 0 })),
    )
  }

  kill(): void {
    this.#killed = true
  }

  get disk(): StateStore {
    const disk = this.#disk
    return {
      put: (name, bytes) => this.#write(bytes, true, 'STORAGE_FAILED', (kept) => disk.put(name, kept)),
      get: (name) => this.#alive(() => disk.get(name)),
      list: (prefix) => this.#alive(() => disk.list(prefix)),
      delete: (name) => this.#alive(() => disk.delete(name)),
    }
  }

  get log(): StateLog {
    const log = this.#log
    const hasFaults = !this.#world.soundLog
    return {
      append: (to, name, bytes) =>
        this.#write(bytes, hasFaults, 'BROKER_UNREACHABLE', (kept) => log.append(to, name, kept)),
      read: (from: TopicPartition, name: string, place: LogPlace) => this.#alive(() => log.read(from, name, place)),
      strays: (from, prefix, after) => this.#alive(() => log.strays(from, prefix, after)),
      remove: (from, blobs) => this.#alive(() => log.remove(from, blobs)),
    }
  }

  async #alive<T>(action: () => Promise<T>): Promise<T> {
    const turns = this.#world.faults ? this.#rng.below(6) : 0
    for (let i = 0; i < turns; i++) await undefined
    if (this.#killed) throw new TidegaugeError('STORAGE_FAILED', 'the process is no more')
    return action()
  }

  /** Now and then it fails, or what is kept is damaged or torn. */
  #write<T>(
    bytes: Uint8Array,
    hasFaults: boolean,
    failure: 'STORAGE_FAILED' | 'BROKER_UNREACHABLE',
    keep: (bytes: Uint8Array) => Promise<T>,
  ): Promise<T> {
    return this.#alive(() => {
      const fault = this.#world.faults && hasFaults ? this.#rng.below(12) : 99
      if (fault === 0) throw new TidegaugeError(failure, 'no space left, or no answer')
      const kept = bytes.slice(0, fault === 1 ? this.#rng.below(bytes.length) : bytes.length)
      if (fault === 2) kept[this.#rng.below(kept.length)]! ^= 0x10
      return keep(kept)
    })
  }
}
