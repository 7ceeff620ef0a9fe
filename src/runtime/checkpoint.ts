import { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { asTidegaugeError } from '../core/errors.ts'
import type { SnapshotPart } from '../pipeline/partition-task.ts'
import type { StateStore } from './ports.ts'

const SEGMENT = { magic: 'TGCS', version: 1 }
const MANIFEST = { magic: 'TGCM', version: 1 }

/** Parts are packed into blobs of about this size: large enough to be few, small enough to be written between heartbeats. */
const SEGMENT_BYTES = 4 * 1024 * 1024

/** Whole checkpoints kept of each task: the newest, and one to fall back to. */
const GENERATIONS_KEPT = 2

/** A task's whole state at one offset. */
export interface Checkpoint {
  /** The next offset to read: everything before it is in the state. */
  readonly offset: bigint
  readonly parts: readonly SnapshotPart[]
  readonly bytes: number
}

/** Why a stored checkpoint was passed over. Closed: a metric label. */
export const CHECKPOINT_REFUSALS = ['damaged', 'later_version', 'other_options', 'ahead_of_commit'] as const
export type CheckpointRefusal = (typeof CHECKPOINT_REFUSALS)[number]

export interface LoadedCheckpoint {
  readonly checkpoint: Checkpoint | undefined
  /** Those that were newer than the one found, and why they were not taken. */
  readonly refused: readonly { readonly reason: CheckpointRefusal; readonly detail: string }[]
}

interface Manifest {
  readonly offset: bigint
  readonly fingerprint: number
  readonly segments: number
}

/**
 * Checkpoints of tasks as blobs in a StateStore. A checkpoint counts once its manifest, written last, is there; until
 * then the one before it is the newest. Damaged or unfitting ones are passed over with a reason, never used in part.
 */
export class CheckpointStore {
  readonly #store: StateStore

  constructor(store: StateStore) {
    this.#store = store
  }

  /** Writes a new generation and drops those that are too old. `between` runs after each blob (for heartbeats). */
  async save(
    task: string,
    state: { readonly offset: bigint; readonly fingerprint: number; readonly parts: Iterable<SnapshotPart> },
    between: () => Promise<void>,
  ): Promise<{ readonly bytes: number; readonly series: number }> {
    const generation = nextGeneration(await this.#generations(task))
    let bytes = 0
    let series = -1
    let segments = 0
    for (const segment of packed(state.parts, (count) => (series += count))) {
      await this.#store.put(segmentName(task, generation, segments++), segment)
      bytes += segment.length
      await between()
    }
    const writer = new BinaryWriter(MANIFEST.magic, MANIFEST.version)
    writer.text(String(state.offset))
    writer.u32(state.fingerprint)
    writer.u32(segments)
    await this.#store.put(manifestName(task, generation), writer.finish())
    await this.#dropBefore(task, generation)
    return { bytes, series: Math.max(0, series) }
  }

  /** The newest checkpoint that fits the options and does not run ahead of the committed offset. */
  async load(task: string, fingerprint: number, committed: bigint | undefined): Promise<LoadedCheckpoint> {
    const refused: { reason: CheckpointRefusal; detail: string }[] = []
    for (const generation of (await this.#generations(task)).reverse()) {
      try {
        const manifest = await this.#manifest(task, generation)
        if (manifest === undefined) continue
        if (manifest.fingerprint !== fingerprint) {
          refused.push({ reason: 'other_options', detail: `${generation} was written under other options` })
        } else if (committed !== undefined && manifest.offset > committed) {
          refused.push({
            reason: 'ahead_of_commit',
            detail: `${generation} is at ${manifest.offset}, after ${committed}`,
          })
        } else return { checkpoint: await this.#read(task, generation, manifest), refused }
      } catch (thrown) {
        const error = asTidegaugeError(thrown)
        if (error.code !== 'SNAPSHOT_INVALID' && error.code !== 'SNAPSHOT_VERSION') throw error
        refused.push({
          reason: error.code === 'SNAPSHOT_VERSION' ? 'later_version' : 'damaged',
          detail: error.describe(),
        })
      }
    }
    return { checkpoint: undefined, refused }
  }

  async #generations(task: string): Promise<string[]> {
    const names = await this.#store.list(`${task}/`)
    const generations = names.map((name) => name.slice(task.length + 1).split('/')[0] ?? '')
    return [...new Set(generations)].sort()
  }

  async #manifest(task: string, generation: string): Promise<Manifest | undefined> {
    const name = manifestName(task, generation)
    const bytes = await this.#store.get(name)
    if (bytes === undefined) return undefined
    const reader = new BinaryReader(bytes, MANIFEST.magic, MANIFEST.version, name)
    return { offset: BigInt(reader.text()), fingerprint: reader.u32(), segments: reader.u32() }
  }

  async #read(task: string, generation: string, manifest: Manifest): Promise<Checkpoint> {
    const parts: SnapshotPart[] = []
    let size = 0
    for (let i = 0; i < manifest.segments; i++) {
      const name = segmentName(task, generation, i)
      const bytes = (await this.#store.get(name)) ?? new Uint8Array(0)
      size += bytes.length
      const reader = new BinaryReader(bytes, SEGMENT.magic, SEGMENT.version, name)
      for (let left = reader.u32(); left > 0; left--) parts.push({ name: reader.text(), bytes: reader.bytes() })
    }
    return { offset: manifest.offset, parts, bytes: size }
  }

  async #dropBefore(task: string, newest: string): Promise<void> {
    const generations = await this.#generations(task)
    const kept = new Set(generations.filter((generation) => generation <= newest).slice(-GENERATIONS_KEPT))
    for (const name of await this.#store.list(`${task}/`)) {
      const generation = name.slice(task.length + 1).split('/')[0] ?? ''
      if (!kept.has(generation)) await this.#store.delete(name)
    }
  }
}

function nextGeneration(generations: readonly string[]): string {
  return String(Number(generations.at(-1) ?? '0') + 1).padStart(10, '0')
}

const manifestName = (task: string, generation: string) => `${task}/${generation}/manifest`
const segmentName = (task: string, generation: string, i: number) =>
  `${task}/${generation}/${String(i).padStart(6, '0')}`

function* packed(parts: Iterable<SnapshotPart>, counted: (parts: number) => void): Generator<Uint8Array> {
  let batch: SnapshotPart[] = []
  let size = 0
  for (const part of parts) {
    batch.push(part)
    size += part.bytes.length
    if (size < SEGMENT_BYTES) continue
    counted(batch.length)
    yield segment(batch)
    batch = []
    size = 0
  }
  counted(batch.length)
  if (batch.length > 0) yield segment(batch)
}

function segment(parts: readonly SnapshotPart[]): Uint8Array {
  // Names are counted as if each character took two bytes; the writer grows when they take more.
  const size = parts.reduce((sum, { name, bytes }) => sum + 2 * name.length + bytes.length + 8, 64)
  const writer = new BinaryWriter(SEGMENT.magic, SEGMENT.version, size)
  writer.u32(parts.length)
  for (const part of parts) {
    writer.text(part.name)
    writer.bytes(part.bytes)
  }
  return writer.finish()
}
