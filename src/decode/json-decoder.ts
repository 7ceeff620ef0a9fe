import { LIMITS } from '../core/limits.ts'
import { type Decoded, type Decoder, type EncodedRecord, found } from './decoder.ts'
import type { JsonObject, JsonShape } from './json-shape.ts'
import { RecentMap } from './recent-map.ts'
import { bytesProblem, type SampleSink } from './sample-sink.ts'
import type { SeriesEntry } from './series-table.ts'

/** `"timestamp":T,"value":V}` and nothing after it, in JSON's own grammar; a text is of plain printable ASCII. */
const TAIL =
  /"timestamp":(?:(0|[1-9]\d{0,18})|"([ !#-[\]-~]{1,40})"),"value":(?:(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|"([ !#-[\]-~]{1,40})")\}$/y
const BACKSLASH = 92

/**
 * Decodes records that are JSON in one of some shapes.
 *
 * Most of such a record never changes: everything before `"timestamp"` is the same text for every sample of a series.
 * So that text (the head) is remembered with the series it was once parsed to, and a record that is a known head and
 * a well-formed tail is not parsed at all. This cannot change a result: a head is kept only when head and tail were
 * one valid object. Its braces are then balanced but for the outermost, and it does not end inside a text (the tail's
 * first quote would have ended that text; a head that ends in a backslash is not taken). So any tail of the same
 * grammar closes the same object and sets the same two keys, of which the last occurrence counts. Whether the value is
 * a number or a text may tell one shape from another: heads are kept apart by it.
 */
export class JsonDecoder implements Decoder {
  readonly format: string
  readonly #shapes: readonly JsonShape[]
  readonly #sink: SampleSink
  readonly #headsOfNumbers = new RecentMap<SeriesEntry>(LIMITS.seriesPerTask)
  readonly #headsOfTexts = new RecentMap<SeriesEntry>(LIMITS.seriesPerTask)
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true })

  constructor(format: string, shapes: readonly JsonShape[], sink: SampleSink) {
    this.format = format
    this.#shapes = shapes
    this.#sink = sink
  }

  decode(record: EncodedRecord): Decoded {
    this.#sink.begin(record)
    const problem = bytesProblem(record.value)
    if (problem !== undefined || record.value === null) {
      if (problem !== undefined) this.#sink.reject(problem)
      return this.#sink.finish()
    }
    const text = this.#text(record.value)
    if (text !== undefined) this.#decodeText(text)
    return this.#sink.finish()
  }

  #text(bytes: Uint8Array): string | undefined {
    try {
      return this.#utf8.decode(bytes)
    } catch {
      this.#sink.reject({ reason: 'not_utf8', detail: `${bytes.length} bytes that are not UTF-8 text` })
      return undefined
    }
  }

  #decodeText(text: string): void {
    const tailAt = text.lastIndexOf('"timestamp":')
    if (tailAt > 0 && text.charCodeAt(tailAt - 1) !== BACKSLASH) {
      TAIL.lastIndex = tailAt
      const tail = TAIL.exec(text)
      if (tail !== null) {
        this.#decodeTailed(text, text.slice(0, tailAt), tail)
        return
      }
    }
    this.#parse(text)
  }

  #decodeTailed(text: string, head: string, tail: RegExpExecArray): void {
    const heads = tail[3] === undefined ? this.#headsOfTexts : this.#headsOfNumbers
    const known = heads.get(head)
    if (known !== undefined) {
      const timestamp = tail[1] === undefined ? tail[2] : Number(tail[1])
      this.#sink.addKnown(known, timestamp, tail[3] === undefined ? tail[4] : Number(tail[3]))
      return
    }
    const item = this.#parse(text)
    const entry = item === undefined ? undefined : this.#entryOf(item)
    if (entry !== undefined) heads.set(head, entry)
  }

  #entryOf(item: JsonObject): SeriesEntry | undefined {
    const fields = this.#shapeOf(item)?.single(item)
    if (fields === undefined || 'reason' in fields) return undefined
    const entry = this.#sink.seriesOf(fields.name, fields.labels, fields.kind)
    return 'reason' in entry ? undefined : entry
  }

  /** Reads the whole text; gives back the object when the record was exactly one. */
  #parse(text: string): JsonObject | undefined {
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch (error) {
      const blank = text.trim() === ''
      this.#sink.reject({
        reason: blank ? 'empty_record' : 'not_json',
        detail: blank
          ? 'the record is blank'
          : `${found(text)}: ${error instanceof Error ? error.message.slice(0, 120) : ''}`,
      })
      return undefined
    }
    if (!Array.isArray(parsed)) return this.#readItem(parsed, '') ? (parsed as JsonObject) : undefined
    if (parsed.length > LIMITS.samplesPerRecord) {
      const detail = `${parsed.length} samples, ${LIMITS.samplesPerRecord} are allowed: none of them was taken`
      this.#sink.reject({ reason: 'too_many_samples', detail })
      return undefined
    }
    for (let i = 0; i < parsed.length; i++) this.#readItem(parsed[i], `[${i}]`)
    return undefined
  }

  #readItem(item: unknown, where: string): boolean {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      const shape = this.#shapeOf(item as JsonObject)
      if (shape !== undefined) {
        shape.read(item as JsonObject, this.#sink)
        return true
      }
    }
    const expected = this.#shapes.map((shape) => shape.example).join(' or ')
    this.#sink.reject({
      reason: 'wrong_shape',
      detail: `${where}${where === '' ? '' : ': '}${shapeOf(item)} where ${expected} is expected`,
    })
    return false
  }

  #shapeOf(item: JsonObject): JsonShape | undefined {
    return this.#shapes.length === 1 ? this.#shapes[0] : this.#shapes.find((shape) => shape.claims(item))
  }
}

/** Names an object's keys, so that its reader sees which format it really is. */
function shapeOf(item: unknown): string {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return found(item)
  const keys = Object.keys(item)
  return `an object with ${keys.length === 0 ? 'no keys' : `the keys ${found(keys.slice(0, 8).join(', '))}`}`
}
