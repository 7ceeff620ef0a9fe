import type { MetricKind } from '../core/sample.ts'
import { found, type Rejection } from './decoder.ts'
import type { JsonObject, JsonShape } from './json-shape.ts'
import type { RawSample, SampleSink } from './sample-sink.ts'

const KINDS: ReadonlySet<unknown> = new Set<MetricKind>(['gauge', 'cumulative', 'delta', 'unknown'])

/**
 * Tidegauge's own JSON: `{"name":"cpu_usage_percent","labels":{"host":"a"},"timestamp":1700000000000,"value":12.5}`.
 *
 * - `labels` may be absent; a label's value is a text, a number or a boolean; an empty one, or null, is no label
 * - `timestamp` is a number (milliseconds, unless the pipeline names another unit) or RFC 3339 text
 * - `value` is a number, or a number's text; the text NaN is a stale marker: the series ends there
 * - `kind` may say what the value means over time: gauge, cumulative, delta or unknown (as when absent)
 *
 * Other keys are ignored. Records with `timestamp` and `value` last, in that order, are decoded fastest.
 */
export const jsonShape: JsonShape = {
  format: 'json',
  example: '{"name", "labels", "timestamp", "value"}',

  claims(item: JsonObject): boolean {
    return 'value' in item && ('name' in item || 'labels' in item)
  },

  read(item: JsonObject, sink: SampleSink): void {
    const fields = this.single(item)
    if (fields === undefined) return
    if ('reason' in fields) sink.reject(fields)
    else sink.add(fields)
  },

  single(item: JsonObject): RawSample | Rejection {
    const kind = item['kind'] ?? undefined
    if (kind !== undefined && !KINDS.has(kind)) {
      return { reason: 'kind_invalid', detail: `kind ${found(kind)} is none of ${[...KINDS].join(', ')}` }
    }
    return {
      name: item['name'],
      labels: item['labels'],
      timestamp: item['timestamp'],
      value: item['value'],
      kind: kind as MetricKind | undefined,
    }
  },
}
