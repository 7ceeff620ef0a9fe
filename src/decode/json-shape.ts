import type { Rejection } from './decoder.ts'
import type { RawSample, SampleSink } from './sample-sink.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** One format whose records are a JSON object, or an array of them. */
export interface JsonShape {
  readonly format: string
  /** How one object looks, for the message to someone whose record does not. */
  readonly example: string
  /** True when the object can be nothing else: asked in order by the decoder that tells formats apart. */
  claims(item: JsonObject): boolean
  /** Hands every sample of one object to the sink, or says why there is none. */
  read(item: JsonObject, sink: SampleSink): void
  /** The fields of an object that holds exactly one sample, whose time and value are its last two keys; or undefined. */
  single(item: JsonObject): RawSample | Rejection | undefined
}
