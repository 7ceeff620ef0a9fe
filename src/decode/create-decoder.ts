import type { Decoder } from './decoder.ts'
import { jsonShape } from './json.ts'
import { JsonDecoder } from './json-decoder.ts'
import { type DecodeOptions, resolveDecodeOptions } from './options.ts'
import { prometheusAdapterShape } from './prometheus-adapter.ts'
import { SampleSink } from './sample-sink.ts'

/** Asked in this order when formats are told apart: the most particular shape first. */
const JSON_SHAPES = [prometheusAdapterShape, jsonShape] as const

/**
 * The decoder of a pipeline. It remembers the series it saw (a bounded number), so one decoder serves many records and
 * one thread. Throws CONFIG_INVALID for options that contradict themselves.
 */
export function createDecoder(given: Partial<DecodeOptions> = {}): Decoder {
  const options = resolveDecodeOptions(given)
  const sink = new SampleSink(options)
  const shapes = JSON_SHAPES.filter((shape) => options.format === 'auto' || shape.format === options.format)
  return new JsonDecoder(options.format, shapes, sink)
}
