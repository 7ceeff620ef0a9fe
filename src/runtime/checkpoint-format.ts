import { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { PART_KINDS, type SnapshotPart } from '../pipeline/saved-part.ts'
import type { LogPlace } from './ports.ts'

const SEGMENT = { magic: 'TGCS', version: 2 }
const MANIFEST = { magic: 'TGCM', version: 2 }

/** A blob of parts. Its identity says where parts lie; it is never changed once it is written. */
export class Segment {
  readonly name: string
  /** Of the blob. */
  bytes = 0
  /** Of the parts in it, without their names. */
  payload = 0
  /** The blob's own, so that no other blob can stand in its place. */
  checksum = 0
  /** It holds the model, which has to be there before any detector. */
  holdsModel = false
  /** In the changelog; undefined when it is only on disk. */
  place: LogPlace | undefined

  constructor(name: string) {
    this.name = name
  }
}

/** A task's whole state at one offset: the head, and every segment that holds a part of it. */
export interface Manifest {
  /** Its generation's name. */
  readonly id: string
  /** The next offset to read: everything before it is in the state. */
  readonly offset: bigint
  readonly fingerprint: number
  /** undefined before version 2: then it is the first part of the first segment. */
  readonly head: Uint8Array | undefined
  /** In the order in which they are restored: the model's, then newer before older. */
  readonly segments: readonly Segment[]
}

export const manifestName = (task: string, id: string) => `${task}/${id}/manifest`
export const segmentName = (task: string, id: string, i: number) => `${task}/${id}/${String(i).padStart(6, '0')}`

export function encodeManifest({ id, offset, fingerprint, head, segments }: Manifest): Uint8Array {
  const bytes = head ?? new Uint8Array(0)
  const writer = new BinaryWriter(MANIFEST.magic, MANIFEST.version, bytes.length + 128 * segments.length + 256)
  writer.text(id)
  writer.text(String(offset))
  writer.u32(fingerprint)
  writer.bytes(bytes)
  writer.u32(segments.length)
  for (const segment of segments) {
    writer.text(segment.name)
    writer.u32(segment.bytes)
    writer.u32(segment.payload)
    writer.u32(segment.checksum)
    writer.bool(segment.holdsModel)
    writer.text(segment.place === undefined ? '' : placeText(segment.place))
  }
  return writer.finish()
}

/** Throws SNAPSHOT_INVALID or SNAPSHOT_VERSION. A generation of version 1 is named by its folder. */
export function decodeManifest(bytes: Uint8Array, task: string, id: string): Manifest {
  const reader = new BinaryReader(bytes, MANIFEST.magic, MANIFEST.version, manifestName(task, id))
  if (reader.version === 1) {
    const offset = BigInt(reader.text())
    const fingerprint = reader.u32()
    const segments = Array.from({ length: reader.u32() }, (_, i) => new Segment(segmentName(task, id, i)))
    return { id, offset, fingerprint, head: undefined, segments }
  }
  const own = reader.text()
  const offset = BigInt(reader.text())
  const fingerprint = reader.u32()
  const head = reader.bytes()
  const segments = Array.from({ length: reader.u32() }, () => {
    const segment = new Segment(reader.text())
    segment.bytes = reader.u32()
    segment.payload = reader.u32()
    segment.checksum = reader.u32()
    segment.holdsModel = reader.bool()
    segment.place = placeOf(reader.text())
    return segment
  })
  return { id: own, offset, fingerprint, head, segments }
}

/** Fills in what the segment's blob is. */
export function encodeSegment(segment: Segment, parts: readonly SnapshotPart[]): Uint8Array {
  // Names are counted as if each character took two bytes; the writer grows when they take more.
  const size = parts.reduce((sum, { name, bytes }) => sum + 2 * name.length + bytes.length + 9, 64)
  const writer = new BinaryWriter(SEGMENT.magic, SEGMENT.version, size)
  writer.u32(parts.length)
  for (const part of parts) {
    writer.u8(PART_KINDS.indexOf(part.kind))
    writer.text(part.name)
    writer.bytes(part.bytes)
    segment.payload += part.bytes.length
    if (part.kind === 'model') segment.holdsModel = true
  }
  const blob = writer.finish()
  segment.bytes = blob.length
  segment.checksum = checksumOf(blob)
  return blob
}

/** The parts, where they lie in the blob. Throws SNAPSHOT_INVALID or SNAPSHOT_VERSION. */
export function* decodeSegment(blob: Uint8Array, name: string): Generator<SnapshotPart> {
  const reader = new BinaryReader(blob, SEGMENT.magic, SEGMENT.version, name)
  for (let left = reader.u32(); left > 0; left--) {
    if (reader.version > 1) {
      const kind = PART_KINDS[reader.u8()] ?? 'entity'
      yield { kind, name: reader.text(), bytes: reader.nested() }
      continue
    }
    const part = { name: reader.text(), bytes: reader.nested() }
    // The head came first, and is told from a series of that name by what it begins with.
    const isHead = String.fromCharCode(...part.bytes.subarray(0, 4)) === 'TGPT'
    yield isHead ? { kind: 'head', name: '', bytes: part.bytes } : { kind: 'entity', ...part }
  }
}

/** What a blob ends with: the checksum over all that comes before. */
export function checksumOf(blob: Uint8Array): number {
  if (blob.length < 4) return 0
  return new DataView(blob.buffer, blob.byteOffset, blob.byteLength).getUint32(blob.length - 4, true)
}

/** Names a checkpoint in the metadata of a committed offset. */
export interface CheckpointPointer {
  readonly id: string
  /** Of the manifest, in the changelog; undefined when it is only on disk. */
  readonly place: LogPlace | undefined
}

/** Text for the metadata of an offset, which a broker takes up to 4 kB of; newest first. */
export function encodePointers(pointers: readonly CheckpointPointer[]): string {
  if (pointers.length === 0) return ''
  const told = pointers.map(({ id, place }) => (place === undefined ? { id } : { id, at: placeText(place) }))
  return JSON.stringify({ checkpoints: told })
}

/** Metadata that is not ours names nothing. */
export function decodePointers(metadata: string): readonly CheckpointPointer[] {
  try {
    const { checkpoints } = JSON.parse(metadata) as { checkpoints?: unknown }
    if (!Array.isArray(checkpoints)) return []
    return checkpoints.flatMap((told: { id?: unknown; at?: unknown }) =>
      typeof told?.id === 'string' ? [{ id: told.id, place: placeOf(String(told.at ?? '')) }] : [],
    )
  } catch {
    return []
  }
}

const placeText = ({ first, last }: LogPlace) => `${first}-${last}`

function placeOf(text: string): LogPlace | undefined {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? []
  return first === undefined || last === undefined ? undefined : { first: BigInt(first), last: BigInt(last) }
}
