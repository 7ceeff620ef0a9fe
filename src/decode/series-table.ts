import { LIMITS } from '../core/limits.ts'
import type { MetricKind } from '../core/sample.ts'
import { makeSeries, type Series } from '../core/series.ts'
import { found, type Rejection } from './decoder.ts'
import { RecentMap } from './recent-map.ts'

/** A series with what its samples mean: everything about a sample that does not change from one to the next. */
export interface SeriesEntry {
  readonly series: Series
  readonly kind: MetricKind
}

/** Label under which Prometheus carries the metric's name. */
const NAME_LABEL = '__name__'
/** Would make two different series share a canonical key, or break a line of a log. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSAFE_NAME = /["{}=,\\\u0000-\u001f\u007f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: the separator of this table's own keys
const UNSAFE_VALUE = /\u0000/

/**
 * Validated series by their raw fields, so that sorting, escaping and joining a key is done once a series and not once
 * a sample. Bounded; a series that was forgotten is validated again.
 *
 * The raw key has the number of labels in front and a NUL before every part. Only entries whose parts hold no NUL are
 * kept, so a key with as many labels and a NUL inside a part has more NULs than any kept one and finds nothing.
 */
export class SeriesTable {
  readonly #entries = new RecentMap<SeriesEntry>(LIMITS.seriesPerTask)

  /** `name` may be undefined when the labels carry `__name__`; `labels` may be absent. */
  lookup(name: unknown, labels: unknown, kind: MetricKind | undefined): SeriesEntry | Rejection {
    if (labels !== undefined && labels !== null && (typeof labels !== 'object' || Array.isArray(labels))) {
      return { reason: 'labels_invalid', detail: `labels must be an object, not ${found(labels)}` }
    }
    const given = (labels ?? {}) as Record<string, unknown>
    if (typeof name === 'string') {
      const raw = rawKey(name, given, kind)
      const known = raw === undefined ? undefined : this.#entries.get(raw)
      if (known !== undefined) return known
      const made = makeEntry(name, given, kind)
      if (raw !== undefined && !('reason' in made)) this.#entries.set(raw, made)
      return made
    }
    if (name !== undefined && name !== null) {
      return { reason: 'name_invalid', detail: `name must be a text, not ${found(name)}` }
    }
    const carried = Object.hasOwn(given, NAME_LABEL) ? given[NAME_LABEL] : undefined
    if (typeof carried === 'string') return this.lookup(carried, labels, kind)
    return { reason: 'name_missing', detail: 'there is no name, nor a label __name__' }
  }
}

/** Undefined when a label's value is none: such a series is refused, and what is refused is not kept. */
function rawKey(name: string, labels: Record<string, unknown>, kind: MetricKind | undefined): string | undefined {
  let key = ''
  let count = 0
  for (const label in labels) {
    const value = labelText(labels[label])
    if (value === undefined) return undefined
    key += `\u0000${label}\u0000${value}`
    count++
  }
  return `${count}\u0000${kind ?? ''}\u0000${name}${key}`
}

function makeEntry(
  name: string,
  given: Record<string, unknown>,
  kind: MetricKind | undefined,
): SeriesEntry | Rejection {
  if (name === '') return { reason: 'name_missing', detail: 'the name is empty' }
  if (name.length > LIMITS.nameChars) {
    return {
      reason: 'name_too_long',
      detail: `name ${found(name)} has ${name.length} characters, ${LIMITS.nameChars} are allowed`,
    }
  }
  if (UNSAFE_NAME.test(name)) {
    return { reason: 'name_invalid', detail: `name ${found(name)} holds a quote, brace, comma, = or control character` }
  }
  const labels: Record<string, string> = {}
  const names = Object.keys(given).filter((label) => label !== NAME_LABEL)
  if (names.length > LIMITS.labelsPerSeries) {
    return {
      reason: 'too_many_labels',
      detail: `${found(name)} has ${names.length} labels, ${LIMITS.labelsPerSeries} are allowed`,
    }
  }
  for (const label of names) {
    const value = labelText(given[label])
    const problem = labelProblem(label, value, given[label])
    if (problem !== undefined) return problem
    if (value !== undefined) labels[label] = value
  }
  return { series: makeSeries(name, labels), kind: kind ?? 'unknown' }
}

/** Numbers and booleans are as good as their text; null is no label. Undefined for what is no label value at all. */
function labelText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return value === null ? '' : undefined
}

function labelProblem(label: string, value: string | undefined, given: unknown): Rejection | undefined {
  if (label === '' || label === '__proto__' || UNSAFE_NAME.test(label)) {
    return {
      reason: 'labels_invalid',
      detail: `label name ${found(label)} is empty or holds a quote, brace, comma, = or control character`,
    }
  }
  if (value === undefined) {
    return { reason: 'labels_invalid', detail: `label ${found(label)} must be a text, not ${found(given)}` }
  }
  if (UNSAFE_VALUE.test(value)) {
    return { reason: 'labels_invalid', detail: `label ${found(label)} holds a NUL character` }
  }
  const limit = label.length > LIMITS.labelNameChars ? LIMITS.labelNameChars : LIMITS.labelValueChars
  if (label.length > LIMITS.labelNameChars || value.length > LIMITS.labelValueChars) {
    return { reason: 'label_too_long', detail: `label ${found(label)} or its value is longer than ${limit} characters` }
  }
  return undefined
}
