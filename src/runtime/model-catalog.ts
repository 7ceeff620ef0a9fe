import { BinaryReader, BinaryWriter } from '../core/binary.ts'
import type { Clock } from '../core/clock.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { ModelRelease } from '../pipeline/detector/band-model.ts'
import type { StateStore } from './ports.ts'

const RELEASE = { magic: 'TGMR', version: 1 }
const POINTER = { magic: 'TGMA', version: 1 }
/** Versions kept of each pipeline; the active one is kept whatever its age. */
const VERSIONS_KEPT = 10

export interface PublishedModel {
  readonly version: number
  readonly bytes: number
  readonly publishedAtMs: number
  readonly active: boolean
}

/** Which version is active, and which were before it, oldest first: where a rollback leads. */
interface Pointer {
  readonly version: number | undefined
  readonly before: readonly number[]
}

/**
 * The published models of every pipeline, numbered from 1, and which of them is active; kept in a StateStore, which is a
 * folder or a compacted topic. A version never changes once it is written, and the pointer to it is written after it.
 */
export class ModelCatalog {
  readonly #store: StateStore
  readonly #clock: Clock

  constructor(store: StateStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Adds a model file as the newest version and makes it the active one; gives its number. */
  async publish(pipeline: string, model: Uint8Array): Promise<number> {
    const versions = await this.#versions(pipeline)
    const version = (versions.at(-1) ?? 0) + 1
    const writer = new BinaryWriter(RELEASE.magic, RELEASE.version, model.length + 64)
    writer.f64(this.#clock.nowMs())
    writer.bytes(model)
    await this.#store.put(nameOf(pipeline, version), writer.finish())
    await this.#point(pipeline, version)
    for (const old of versions.slice(0, Math.max(0, versions.length + 1 - VERSIONS_KEPT))) {
      await this.#store.delete(nameOf(pipeline, old))
    }
    return version
  }

  /** Makes a published version the active one. Throws INPUT_INVALID when there is no such version. */
  async activate(pipeline: string, version: number): Promise<void> {
    const versions = await this.#versions(pipeline)
    if (!versions.includes(version)) {
      throw new TidegaugeError('INPUT_INVALID', `there is no version ${version}`, {
        where: `models of ${pipeline}`,
        hint: versions.length === 0 ? 'none was published yet' : `there are ${versions.join(', ')}`,
      })
    }
    await this.#point(pipeline, version)
  }

  /** Goes back to the version that was active before; gives it, undefined for none: the seasonal baseline again. */
  async rollback(pipeline: string): Promise<number | undefined> {
    const { version, before } = await this.#pointer(pipeline)
    if (version === undefined) {
      throw new TidegaugeError('INPUT_INVALID', 'no model is active: there is nothing to go back from', {
        where: `models of ${pipeline}`,
      })
    }
    const there = new Set(await this.#versions(pipeline))
    const kept = before.filter((old) => there.has(old))
    const target = kept.at(-1)
    await this.#write(pipeline, { version: target, before: kept.slice(0, -1) })
    return target
  }

  async activeVersion(pipeline: string): Promise<number | undefined> {
    return (await this.#pointer(pipeline)).version
  }

  /** The active model; undefined without one. Throws SNAPSHOT_INVALID or SNAPSHOT_VERSION when it cannot be read. */
  async active(pipeline: string): Promise<ModelRelease | undefined> {
    const version = await this.activeVersion(pipeline)
    if (version === undefined) return undefined
    const bytes = await this.#store.get(nameOf(pipeline, version))
    if (bytes === undefined) return undefined
    return { version, bytes: this.#read(bytes, pipeline, version).model }
  }

  /** Oldest first. */
  async list(pipeline: string): Promise<readonly PublishedModel[]> {
    const active = await this.activeVersion(pipeline)
    const found: PublishedModel[] = []
    for (const version of await this.#versions(pipeline)) {
      const bytes = await this.#store.get(nameOf(pipeline, version))
      if (bytes === undefined) continue
      const { publishedAtMs, model } = this.#read(bytes, pipeline, version)
      found.push({ version, bytes: model.length, publishedAtMs, active: version === active })
    }
    return found
  }

  #read(bytes: Uint8Array, pipeline: string, version: number): { publishedAtMs: number; model: Uint8Array } {
    const reader = new BinaryReader(bytes, RELEASE.magic, RELEASE.version, `models of ${pipeline}, version ${version}`)
    return { publishedAtMs: reader.f64(), model: reader.bytes() }
  }

  async #versions(pipeline: string): Promise<number[]> {
    const names = await this.#store.list(`${pipeline}/v`)
    return names.map((name) => Number(name.slice(pipeline.length + 2))).sort((a, b) => a - b)
  }

  async #point(pipeline: string, version: number): Promise<void> {
    const { version: current, before } = await this.#pointer(pipeline)
    if (current === version) return
    const trail = current === undefined ? before : [...before, current]
    await this.#write(pipeline, { version, before: trail.slice(-VERSIONS_KEPT) })
  }

  async #pointer(pipeline: string): Promise<Pointer> {
    const name = `${pipeline}/active`
    const bytes = await this.#store.get(name)
    if (bytes === undefined) return { version: undefined, before: [] }
    const reader = new BinaryReader(bytes, POINTER.magic, POINTER.version, name)
    const version = reader.u32()
    const before = Array.from({ length: reader.u32() }, () => reader.u32())
    return { version: version === 0 ? undefined : version, before }
  }

  async #write(pipeline: string, { version, before }: Pointer): Promise<void> {
    const writer = new BinaryWriter(POINTER.magic, POINTER.version)
    writer.u32(version ?? 0)
    writer.u32(before.length)
    for (const old of before) writer.u32(old)
    await this.#store.put(`${pipeline}/active`, writer.finish())
  }
}

const nameOf = (pipeline: string, version: number) => `${pipeline}/v${String(version).padStart(10, '0')}`
