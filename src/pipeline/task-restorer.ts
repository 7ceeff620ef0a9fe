import { TidegaugeError } from '../core/errors.ts'
import { Entity } from './entity.ts'
import type { EntityContext } from './entity-context.ts'
import type { PartHome, SavedPart, SnapshotPart } from './saved-part.ts'

/** What a head says of the series: their keys in the table's order, or, before version 3, only how many. */
export type HeadSeries = { readonly keys: readonly string[] } | { readonly count: number }

/** What the restorer fills. */
export interface RestoredTask<T> {
  readonly context: EntityContext
  head(bytes: Uint8Array, where: string): HeadSeries
  /** Gives the part that the model is. */
  model(bytes: Uint8Array, where: string): SavedPart
  /** All entities, in order. */
  finish(entities: readonly Entity[]): T
}

/**
 * Builds a task from the parts of a snapshot, one at a time: the head first, then the model, then newer parts before
 * older ones, and of one age a series before its detector. Of each part the first that comes counts; those of series
 * that the head does not know are passed over.
 *
 * Throws SNAPSHOT_INVALID or SNAPSHOT_VERSION, naming the part. Whoever gives up half-way disposes of it.
 */
export class TaskRestorer<T> {
  readonly #where: string
  readonly #task: RestoredTask<T>
  readonly #entities = new Map<string, Entity>()
  /** Series whose detectors are still to come. They are small. */
  readonly #waiting = new Map<string, { readonly bytes: Uint8Array; readonly home: PartHome | undefined }>()
  #wanted: ReadonlySet<string> | undefined
  #count = 0
  #hasModel = false

  constructor(where: string, task: RestoredTask<T>) {
    this.#where = where
    this.#task = task
  }

  /** `home` is where the part lies: it is not written again there until it changes. */
  add(part: SnapshotPart, home?: PartHome): void {
    const where = `${this.#where}/${part.name || part.kind}`
    const { kind, name, bytes } = part
    if (kind === 'head') this.#head(this.#task.head(bytes, where))
    else if (kind === 'model') this.#model(bytes, home, where)
    else if (kind === 'entity') this.#entities.set(name, Entity.restore(this.#task.context, bytes, undefined, where))
    else if (kind === 'detector') this.#detector(part, home, where)
    else if (this.#isWanted(name) && !this.#waiting.has(name)) this.#waiting.set(name, { bytes, home })
  }

  #model(bytes: Uint8Array, home: PartHome | undefined, where: string): void {
    if (!this.#hasModel) settle(this.#task.model(bytes, where), home, bytes.length)
    this.#hasModel = true
  }

  #head(series: HeadSeries): void {
    if ('keys' in series) this.#wanted = new Set(series.keys)
    this.#count = 'keys' in series ? series.keys.length : series.count
  }

  #isWanted(key: string): boolean {
    return this.#wanted?.has(key) === true && !this.#entities.has(key)
  }

  #detector({ name, bytes }: SnapshotPart, home: PartHome | undefined, where: string): void {
    const series = this.#waiting.get(name)
    if (!this.#isWanted(name) || series === undefined) return
    this.#waiting.delete(name)
    const entity = Entity.restore(this.#task.context, series.bytes, bytes, where)
    settle(entity.seriesPart, series.home, series.bytes.length)
    settle(entity.detectorPart, home, bytes.length)
    this.#entities.set(name, entity)
  }

  finish(): T {
    const keys = this.#wanted ?? this.#entities.keys()
    const entities: Entity[] = []
    for (const key of keys) {
      const entity = this.#entities.get(key)
      if (entity !== undefined) entities.push(entity)
    }
    if (entities.length !== this.#count) {
      const message = `holds ${entities.length} of ${this.#count} series`
      throw new TidegaugeError('SNAPSHOT_INVALID', message, { where: this.#where })
    }
    return this.#task.finish(entities)
  }

  /** Lets go of what was built so far. */
  dispose(): void {
    for (const entity of this.#entities.values()) entity.dispose()
    this.#entities.clear()
  }
}

function settle(part: SavedPart, home: PartHome | undefined, bytes: number): void {
  if (home !== undefined) part.settle(home, bytes)
}
