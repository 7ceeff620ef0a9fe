import { join } from 'node:path'
import { TidegaugeError } from '../../core/errors.ts'
import { Mutex } from '../../runtime/mutex.ts'
import type {
  CommittedOffset,
  CommitUnit,
  OffsetToCommit,
  OutputRecord,
  SinkFactory,
  TopicPartition,
  TransactionalSink,
} from '../../runtime/ports.ts'
import { Journal } from './journal.ts'
import { JsonlFile } from './jsonl-file.ts'
import { safeName } from './safe-name.ts'
import { storageError } from './storage-error.ts'

/** What a commit's unit in the journal says: offsets by `topic/partition`, and how long each output file is. */
interface JournalUnit {
  readonly group: string
  readonly offsets: Readonly<Record<string, { readonly offset: string; readonly metadata: string }>>
  readonly lengths: Readonly<Record<string, number>>
}

/** Of one output file with its closed segments: when the newest is an eighth of it, another is begun. */
const BYTES_KEPT = 512 * 1024 * 1024
const SEGMENTS = 8

const NOTHING: Omit<JournalUnit, 'group'> = { offsets: {}, lengths: {} }

/**
 * Results on disk instead of in Kafka, with the same promise: records and offsets become visible together or not at
 * all. One file of lines for each topic and task, and one journal for each task:
 *
 *   output/<topic>/<task>.jsonl     the records, in order; older ones in `<task>.jsonl.<first line>-<end>`
 *   journal/<task>.journal          at each commit: the offsets, and the length of every output file
 *
 * A commit writes the lines, makes them durable, then appends to the journal: that append is the commit. Opening cuts
 * the files back to the lengths that the journal's newest unit names, so a crash leaves no line without its offset.
 * What a file and its segments hold is bounded: the oldest segment goes.
 */
export class JsonlSinks implements SinkFactory {
  readonly #root: string
  readonly #bytesKept: number
  readonly #open = new Map<string, JsonlSink>()

  constructor(root: string, bytesKept = BYTES_KEPT) {
    this.#root = root
    this.#bytesKept = bytesKept
  }

  async open(transactionalId: string, group: string): Promise<TransactionalSink> {
    const sink = await JsonlSink.open({ root: this.#root, id: transactionalId, group, bytesKept: this.#bytesKept })
    this.#open.set(transactionalId, sink)
    return sink
  }

  /** The committed offset of a partition, as a task that is open has it. */
  async fetchCommitted(group: string, partition: TopicPartition): Promise<CommittedOffset | undefined> {
    for (const sink of this.#open.values()) {
      const committed = sink.committed(group, partition)
      if (committed !== undefined) return committed
    }
    return undefined
  }

  /** Where the records of a topic go. */
  outputPath(topic: string, transactionalId: string): string {
    return outputPath(this.#root, topic, transactionalId)
  }
}

interface SinkOptions {
  readonly root: string
  readonly id: string
  readonly group: string
  readonly bytesKept: number
}

class JsonlSink implements TransactionalSink {
  readonly #options: SinkOptions
  readonly #journal: Journal
  readonly #files = new Map<string, JsonlFile>()
  readonly #mutex = new Mutex()
  #state: JournalUnit
  /** A file is shorter than the journal says: before it grows again, the journal has to know, or a crash would add to it. */
  #lengthsDiffer = false
  #closed = false

  private constructor(options: SinkOptions, journal: Journal, state: JournalUnit) {
    this.#options = options
    this.#journal = journal
    this.#state = state
  }

  static async open(options: SinkOptions): Promise<JsonlSink> {
    const { root, id, group } = options
    const path = join(root, 'journal', `${readableName(id)}.journal`)
    try {
      const { journal, newest } = await Journal.open(path)
      const known = newest === undefined ? { ...NOTHING, group } : (JSON.parse(newest) as JournalUnit)
      // Another group has committed nothing; the files are the task's all the same.
      const state = known.group === group ? known : { ...NOTHING, lengths: known.lengths, group }
      const sink = new JsonlSink(options, journal, state)
      for (const topic of Object.keys(state.lengths)) await sink.#file(topic)
      return sink
    } catch (thrown) {
      throw storageError(thrown, 'open the journal', path)
    }
  }

  committed(group: string, { topic, partition }: TopicPartition): CommittedOffset | undefined {
    const found = this.#state.group === group ? this.#state.offsets[`${topic}/${partition}`] : undefined
    return found === undefined ? undefined : { offset: BigInt(found.offset), metadata: found.metadata }
  }

  commit(unit: CommitUnit): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#closed) throw new TidegaugeError('INTERNAL', 'commit after close', { where: this.#options.id })
      const written: JsonlFile[] = []
      try {
        await this.#journal.assertOwned()
        await this.#rotate()
        for (const [topic, lines] of linesByTopic(unit.records)) {
          const file = await this.#file(topic)
          written.push(file)
          await file.write(lines.join(''))
        }
        const state = this.#stateAfter(unit.offsets)
        await this.#journal.append(JSON.stringify(state))
        this.#state = state
        for (const file of written) file.accept()
      } catch (thrown) {
        const error = storageError(thrown, 'commit results', join(this.#options.root, 'output'))
        // Who was fenced must not touch the files any more: they are another one's now.
        if (error.code !== 'FENCED') await Promise.allSettled(written.map((file) => file.takeBack()))
        throw error
      }
    })
  }

  /** Files that are full make room, and the journal learns of it before anything is written. */
  async #rotate(): Promise<void> {
    const segmentBytes = this.#options.bytesKept / SEGMENTS
    for (const file of this.#files.values()) {
      if (file.length < segmentBytes) continue
      this.#lengthsDiffer = true
      await file.rotate(SEGMENTS - 1)
    }
    if (!this.#lengthsDiffer) return
    const state = this.#stateAfter([])
    await this.#journal.append(JSON.stringify(state))
    this.#state = state
    this.#lengthsDiffer = false
  }

  #stateAfter(offsets: readonly OffsetToCommit[]): JournalUnit {
    const after = { ...this.#state.offsets }
    for (const { topic, partition, offset, metadata = '' } of offsets) {
      after[`${topic}/${partition}`] = { offset: String(offset), metadata }
    }
    const lengths = Object.fromEntries([...this.#files].map(([topic, file]) => [topic, file.lengthPending]))
    return { group: this.#state.group, offsets: after, lengths }
  }

  async #file(topic: string): Promise<JsonlFile> {
    const known = this.#files.get(topic)
    if (known !== undefined) return known
    const { root, id } = this.#options
    const committed = this.#state.lengths[topic] ?? 0
    const opened = await JsonlFile.open(outputPath(root, topic, id), committed)
    if (opened.length < committed) this.#lengthsDiffer = true
    this.#files.set(topic, opened)
    return opened
  }

  close(): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#closed) return
      this.#closed = true
      await Promise.all([this.#journal.close(), ...[...this.#files.values()].map((file) => file.close())])
    })
  }
}

/** safeName with its dots back, for names that people look at; no two become the same by it. */
const readableName = (text: string) => safeName(text).replace(/(?!^)%2e/g, '.')

const outputPath = (root: string, topic: string, id: string) =>
  join(root, 'output', readableName(topic), `${readableName(id)}.jsonl`)

function linesByTopic(records: readonly OutputRecord[]): ReadonlyMap<string, readonly string[]> {
  const lines = new Map<string, string[]>()
  for (const record of records) {
    const of = lines.get(record.topic) ?? []
    of.push(toLine(record))
    lines.set(record.topic, of)
  }
  return lines
}

/** A record as a line: its value where that is a line of text without headers, else all of it as JSON. */
function toLine(record: OutputRecord): string {
  const { key, value, headers, timestampMs } = record
  if (typeof value === 'string' && headers === undefined && !value.includes('\n')) return `${value}\n`
  const content = value instanceof Uint8Array ? { valueBase64: Buffer.from(value).toString('base64') } : { value }
  return `${JSON.stringify({ key, ...content, headers, timestampMs })}\n`
}
