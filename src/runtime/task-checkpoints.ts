import { asTidegaugeError, TidegaugeError } from '../core/errors.ts'
import type { PipelineOptions } from '../pipeline/options.ts'
import { PartitionTask } from '../pipeline/partition-task.ts'
import type { PartHome } from '../pipeline/saved-part.ts'
import type { TaskCut } from '../pipeline/task-cut.ts'
import { type BlobStores, CheckpointBlobs, type CheckpointSource } from './checkpoint-blobs.ts'
import {
  type CheckpointPointer,
  checksumOf,
  decodeManifest,
  decodePointers,
  decodeSegment,
  encodeManifest,
  encodePointers,
  encodeSegment,
  type Manifest,
  manifestName,
  Segment,
  segmentName,
} from './checkpoint-format.ts'
import type { RefusedCheckpoint } from './checkpoint-refusal.ts'
import type { CommittedOffset, LogPlace, StoredBlob } from './ports.ts'

/** Parts are packed into blobs of about this size: large enough to be few, small enough that writing one holds up little. */
const SEGMENT_BYTES = 4 * 1024 * 1024

/** From so many segments on, those that are small are written together again. */
const MANY_SEGMENTS = 64
const SMALL_BYTES = SEGMENT_BYTES / 4

/** Whole checkpoints kept of each task: the newest, and one to fall back to. */
const KEPT = 2

export interface RestoredCheckpoint {
  readonly task: PartitionTask
  readonly offset: bigint
  readonly bytes: number
  readonly from: CheckpointSource
}

export interface Restoration {
  readonly checkpoint: RestoredCheckpoint | undefined
  /** Those that would have been better than the one found, and why they were not taken. */
  readonly refused: readonly RefusedCheckpoint[]
  readonly diskFailure: TidegaugeError | undefined
}

export interface WrittenCheckpoint {
  /** That were written, as against those that were left where they are. */
  readonly bytes: number
  readonly series: number
  readonly diskFailure: TidegaugeError | undefined
}

/** A checkpoint that may be the one to restore. */
interface Candidate {
  readonly source: CheckpointSource
  readonly pointer: CheckpointPointer
  /** By the committed offset, and not only found on disk. */
  readonly isNamed: boolean
}

interface Kept {
  readonly manifest: Manifest
  /** Of the manifest's blob. */
  readonly bytes: number
  readonly place: LogPlace | undefined
}

/**
 * The checkpoints of one task while one owner has it.
 *
 * A checkpoint is a manifest that names segments: its own, with the parts that have changed, and those of earlier
 * checkpoints that still hold what has not. It counts from the moment when the committed offset names it in its
 * metadata, which only the owner of the partition can bring about, in a transaction. So whatever a former owner still
 * writes is never looked at, and what it would remove it may not. Names carry the owner's, so nobody overwrites
 * anybody's. A crash between any two writes leaves what was named before, and all that it needs.
 */
export class TaskCheckpoints {
  readonly #task: string
  readonly #fingerprint: number
  readonly #owner: string
  readonly #blobs: CheckpointBlobs
  #generation = 0
  /** Named by the committed offset, newest first. */
  #named: readonly Kept[] = []
  /** Whole, and to be named by the next commit. */
  #finished: Kept | undefined
  /** Written and never to be named, or named no more. */
  #garbage: StoredBlob[] = []
  #cut: TaskCut | undefined
  /** Something of what was written is lost to one of the stores: everything is to be written anew. */
  #writeAll = false
  #abandoned = false

  constructor(task: string, fingerprint: number, owner: string, stores: BlobStores) {
    this.#task = task
    this.#fingerprint = fingerprint
    this.#owner = owner
    this.#blobs = new CheckpointBlobs(stores)
  }

  /** Memory that the checkpoint being written holds for parts that have changed meanwhile. */
  get copiedBytes(): number {
    return this.#cut?.copiedBytes ?? 0
  }

  /** A whole checkpoint waits for a commit to name it. */
  get wantsCommit(): boolean {
    return this.#finished !== undefined
  }

  /** A restore may begin there, and not before; undefined while none is named. */
  get restoresFrom(): bigint | undefined {
    return this.#named.at(-1)?.manifest.offset
  }

  /** For the next commit's offset. */
  get metadata(): string {
    const kept = this.#finished === undefined ? this.#named : [this.#finished, ...this.#named]
    return encodePointers(kept.slice(0, KEPT).map(({ manifest: { id }, place }) => ({ id, place })))
  }

  /**
   * The newest state that is usable: of the checkpoints that the committed offset names, from disk and else from the
   * changelog; then of whatever else is on disk. One that is damaged or does not fit is passed over with a reason.
   */
  async restore(pipeline: PipelineOptions, committed: CommittedOffset | undefined): Promise<Restoration> {
    const refused: RefusedCheckpoint[] = []
    for (const candidate of await this.#candidates(committed)) {
      try {
        const checkpoint = await this.#tried(candidate, pipeline, committed, refused)
        if (checkpoint !== undefined) {
          return { checkpoint, refused, diskFailure: this.#noteDiskFailure() }
        }
      } catch (thrown) {
        const error = asTidegaugeError(thrown)
        const reason = reasonOf(error)
        if (reason === undefined) throw error
        refused.push({ reason, detail: error.describe() })
      }
    }
    return { checkpoint: undefined, refused, diskFailure: this.#noteDiskFailure() }
  }

  async #candidates(committed: CommittedOffset | undefined): Promise<readonly Candidate[]> {
    const pointers = decodePointers(committed?.metadata ?? '')
    const onDisk = await this.#generationsOnDisk()
    const named = pointers.map(({ id }) => id)
    for (const id of [...onDisk, ...named]) this.#generation = Math.max(this.#generation, generationOf(id))
    const ofPointers = pointers.flatMap((pointer) =>
      this.#blobs.sources.map((source): Candidate => ({ source, pointer, isNamed: true })),
    )
    const others = onDisk.filter((id) => !named.includes(id)).reverse()
    const ofDisk = others.map((id): Candidate => {
      return { source: 'disk', pointer: { id, place: undefined }, isNamed: false }
    })
    return [...ofPointers, ...ofDisk]
  }

  async #generationsOnDisk(): Promise<readonly string[]> {
    try {
      const names = await this.#blobs.list(`${this.#task}/`)
      return [...new Set(names.map((name) => this.#idIn(name)))].sort()
    } catch (thrown) {
      this.#blobs.diskFailed(thrown)
      return []
    }
  }

  /** undefined when there is no such manifest, or it does not fit: then the reason is among the refused. */
  async #tried(
    { source, pointer, isNamed }: Candidate,
    pipeline: PipelineOptions,
    committed: CommittedOffset | undefined,
    refused: RefusedCheckpoint[],
  ): Promise<RestoredCheckpoint | undefined> {
    const { id } = pointer
    const bytes = await this.#blobs.read(source, manifestName(this.#task, id), pointer.place)
    if (bytes === undefined) {
      // The disk is a cache, and what was not written to its end never counted.
      if (source === 'changelog' && isNamed && pointer.place !== undefined)
        refused.push({ reason: 'missing', detail: `${id} is not in the changelog` })
      return undefined
    }
    const manifest = decodeManifest(bytes, this.#task, id)
    if (manifest.fingerprint !== this.#fingerprint) {
      refused.push({ reason: 'other_options', detail: `${id} was written under other options` })
      return undefined
    }
    if (committed !== undefined && manifest.offset > committed.offset) {
      refused.push({ reason: 'ahead_of_commit', detail: `${id} is at ${manifest.offset}, after ${committed.offset}` })
      return undefined
    }
    const read = await this.#read(source, manifest, pipeline)
    if (source === 'changelog') await this.#settle(pointer, bytes)
    this.#named = [{ manifest, bytes: bytes.length, place: pointer.place }]
    return { ...read, offset: manifest.offset, from: source }
  }

  /** Restored from the changelog: fills the disk, and notes what an owner that was killed had not come to name. */
  async #settle({ id, place }: CheckpointPointer, manifest: Uint8Array): Promise<void> {
    await this.#blobs.cache(manifestName(this.#task, id), manifest)
    if (place !== undefined) this.#garbage.push(...(await this.#blobs.strays(`${this.#task}/`, place.last)))
  }

  /** One segment at a time, the next one on its way: the state is never in memory twice. */
  async #read(source: CheckpointSource, manifest: Manifest, pipeline: PipelineOptions) {
    const restorer = PartitionTask.restorer(pipeline, this.#task)
    let bytes = 0
    try {
      if (manifest.head !== undefined) restorer.add({ kind: 'head', name: '', bytes: manifest.head })
      for await (const { segment, blob } of this.#blobsAhead(source, manifest.segments)) {
        if (blob === undefined) throw new TidegaugeError('SNAPSHOT_INVALID', MISSING, { where: segment.name })
        const isKnown = manifest.head !== undefined
        if (isKnown && (blob.length !== segment.bytes || checksumOf(blob) !== segment.checksum)) {
          throw new TidegaugeError('SNAPSHOT_INVALID', 'is not what the manifest names', { where: segment.name })
        }
        bytes += blob.length
        // What version 1 wrote is whole series: they get parts of their own with the next checkpoint.
        for (const part of decodeSegment(blob, segment.name)) restorer.add(part, isKnown ? segment : undefined)
        if (source === 'changelog') await this.#blobs.cache(segment.name, blob)
      }
      return { task: restorer.finish(), bytes }
    } catch (thrown) {
      restorer.dispose()
      throw thrown
    }
  }

  async *#blobsAhead(source: CheckpointSource, segments: readonly Segment[]) {
    const read = (segment: Segment | undefined) => {
      const blob = segment && this.#blobs.read(source, segment.name, segment.place)
      // Whoever gives up before its turn leaves it behind, failed or not.
      blob?.catch(() => {})
      return blob
    }
    let ahead = read(segments[0])
    for (const [i, segment] of segments.entries()) {
      const blob = await ahead
      ahead = read(segments[i + 1])
      yield { segment, blob }
    }
  }

  /**
   * Writes the state as it is at the call, while the task goes on. Resolves when the checkpoint is whole; then a commit
   * has to name it. undefined when it was abandoned. Rejects when it could not be written: what is named stays.
   */
  async write(task: PartitionTask, offset: bigint): Promise<WrittenCheckpoint | undefined> {
    const id = `${String(++this.#generation).padStart(10, '0')}-${this.#owner}`
    const cut = task.cut((home, live) => this.#isStale(home as Segment, live))
    this.#cut = cut
    const series = task.entityCount
    const own: Segment[] = []
    try {
      while (cut.left > 0 && !this.#abandoned) await this.#writeSegment(cut, id, own)
      if (this.#abandoned) {
        await this.#blobs.discard(own)
        return undefined
      }
      const segments = this.#inOrder(own, cut.homes)
      const manifest = { id, offset, fingerprint: this.#fingerprint, head: cut.head.bytes, segments }
      const blob = encodeManifest(manifest)
      const place = await this.#blobs.put(manifestName(this.#task, id), blob)
      this.#drop(this.#finished)
      this.#finished = { manifest, bytes: blob.length, place }
      this.#writeAll = false
      const bytes = own.reduce((sum, segment) => sum + segment.bytes, blob.length)
      return { bytes, series, diskFailure: this.#noteDiskFailure() }
    } catch (thrown) {
      cut.release()
      const lost = new Set<PartHome>(own)
      task.forgetHomes((home) => lost.has(home))
      this.#garbage.push(...own)
      throw thrown
    } finally {
      this.#cut = undefined
    }
  }

  async #writeSegment(cut: TaskCut, id: string, own: Segment[]): Promise<void> {
    const segment = new Segment(segmentName(this.#task, id, own.length))
    own.push(segment)
    const kind = cut.nextKind
    const parts = []
    // One kind a segment: the model comes first when it is restored, and what changes seldom is not beside what changes often.
    for (let size = 0; size < SEGMENT_BYTES && cut.nextKind === kind; ) {
      const part = cut.take(segment)
      if (part === undefined) break
      parts.push(part)
      size += part.bytes.length
    }
    segment.place = await this.#blobs.put(segment.name, encodeSegment(segment, parts))
  }

  /** Less than half of it is still alive, or it is one of many small ones, or the changelog does not have it. */
  #isStale(segment: Segment, liveBytes: number): boolean {
    const known = this.#newest?.manifest.segments ?? []
    if (this.#writeAll || !known.includes(segment)) return true
    if (this.#blobs.hasChangelog && segment.place === undefined) return true
    const isCrowded = known.length > MANY_SEGMENTS
    return 2 * liveBytes < segment.payload || (isCrowded && segment.payload < SMALL_BYTES)
  }

  get #newest(): Kept | undefined {
    return this.#finished ?? this.#named[0]
  }

  /** The model's segment first, then newer before older. */
  #inOrder(own: readonly Segment[], homes: ReadonlySet<PartHome>): readonly Segment[] {
    const before = this.#newest?.manifest.segments ?? []
    const earlier = before.filter((segment) => homes.has(segment))
    const model = earlier.filter((segment) => segment.holdsModel)
    return [...model, ...own, ...earlier.filter((segment) => !segment.holdsModel)]
  }

  #idIn(name: string): string {
    return name.slice(this.#task.length + 1).split('/')[0] ?? ''
  }

  #drop(kept: Kept | undefined): void {
    if (kept !== undefined) this.#garbage.push(...this.#blobsOf(kept))
  }

  #blobsOf({ manifest: { id, segments }, bytes }: Kept): readonly StoredBlob[] {
    return [...segments, { name: manifestName(this.#task, id), bytes }]
  }

  /** A commit with this metadata has gone through: what it does not name is not needed any more. */
  async named(metadata: string): Promise<void> {
    const finished = this.#finished
    if (finished === undefined || metadata !== this.metadata) return
    this.#finished = undefined
    const all = [finished, ...this.#named]
    this.#named = all.slice(0, KEPT)
    for (const old of all.slice(KEPT)) this.#drop(old)
    const kept = new Set(this.#named.flatMap((one) => this.#blobsOf(one)).map(({ name }) => name))
    const gone = this.#garbage.filter(({ name }) => !kept.has(name))
    this.#garbage = []
    try {
      // What is being written counts beyond what is named, as does a successor's, should this be slow and one be there.
      const newest = generationOf(finished.manifest.id)
      const isStray = (name: string) => !kept.has(name) && generationOf(this.#idIn(name)) <= newest
      await this.#blobs.clean(`${this.#task}/`, isStray, gone)
    } catch (thrown) {
      this.#garbage.push(...gone)
      throw thrown
    }
  }

  /** What is being written is given up after the blob in hand. */
  abandon(): void {
    this.#abandoned = true
    this.#cut?.release()
  }

  #noteDiskFailure(): TidegaugeError | undefined {
    const failure = this.#blobs.takeDiskFailure()
    if (failure !== undefined) this.#writeAll = true
    return failure
  }
}

const MISSING = 'is not there'

/** Whoever takes a task counts on from what was named, so a later owner's generations are later ones. */
const generationOf = (id: string) => Number.parseInt(id, 10) || 0

function reasonOf({ code, message }: TidegaugeError): RefusedCheckpoint['reason'] | undefined {
  if (code === 'SNAPSHOT_VERSION') return 'later_version'
  if (code !== 'SNAPSHOT_INVALID') return undefined
  return message === MISSING ? 'missing' : 'damaged'
}
