import type { MetricKind } from '../core/sample.ts'
import { found, type Rejection } from './decoder.ts'
import type { JsonObject, JsonShape } from './json-shape.ts'
import type { RawSample, SampleSink } from './sample-sink.ts'

/**
 * What prometheus-kafka-adapter writes, as `json` and as `avro-json`:
 * `{"labels":{"__name__":"up","job":"a"},"name":"up","timestamp":"2026-01-01T00:00:00Z","value":"1"}`.
 *
 * The value is a text: NaN is a stale marker (the adapter turns Prometheus's marker into it, and an ordinary NaN says
 * as much: there is no value any more), an infinity is rejected as `value_infinite`. Times are whole seconds. The
 * adapter drops the metric's type, so that it is taken from the name, as OpenMetrics reserves these endings: `_total`,
 * `_bucket`, `_count` and `_sum` count up from a start. A pipeline that knows better says `counter: raw`.
 */
export const prometheusAdapterShape: JsonShape = {
  format: 'prometheus-kafka-adapter',
  example: '{"labels": {"__name__"}, "name", "timestamp": "RFC 3339", "value": "text"}',

  claims(item: JsonObject): boolean {
    const labels = item['labels']
    return (
      typeof item['value'] === 'string' &&
      typeof labels === 'object' &&
      labels !== null &&
      Object.hasOwn(labels, '__name__')
    )
  },

  read(item: JsonObject, sink: SampleSink): void {
    const fields = this.single(item)
    if (fields === undefined) return
    if ('reason' in fields) sink.reject(fields)
    else sink.add(fields)
  },

  single(item: JsonObject): RawSample | Rejection {
    const { name, labels, timestamp, value } = item as Partial<RawSample>
    if (value !== undefined && typeof value !== 'string') {
      return { reason: 'value_invalid', detail: `value ${found(value)} is not a text, as this format has it` }
    }
    const carried = name ?? (labels as { __name__?: unknown } | null | undefined)?.__name__
    return { name: carried, labels, timestamp, value, kind: kindByName(carried) }
  },
}

const CUMULATIVE = /_(?:total|bucket|count|sum)$/

function kindByName(name: unknown): MetricKind {
  return typeof name === 'string' && CUMULATIVE.test(name) ? 'cumulative' : 'unknown'
}
