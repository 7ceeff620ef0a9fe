import protobuf from 'protobufjs'

/** What a receiver reads, by the published schema of remote write 1.0 and not by the encoder's own numbers. */
const SCHEMA = `
syntax = "proto3";
message WriteRequest { repeated TimeSeries timeseries = 1; }
message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
message Label { string name = 1; string value = 2; }
message Sample { double value = 1; int64 timestamp = 2; }
`
const WRITE_REQUEST = protobuf.parse(SCHEMA).root.lookupType('WriteRequest')

interface Decoded {
  readonly timeseries: readonly {
    readonly labels: readonly { readonly name: string; readonly value: string }[]
    readonly samples: readonly { readonly value: number; readonly timestamp: number }[]
  }[]
}

export interface ReadSample {
  readonly labels: Readonly<Record<string, string>>
  readonly names: readonly string[]
  readonly timestampMs: number
  readonly value: number
}

/** The samples of an uncompressed WriteRequest, in their order. */
export function readWriteRequest(bytes: Uint8Array): readonly ReadSample[] {
  const request = WRITE_REQUEST.toObject(WRITE_REQUEST.decode(bytes), { longs: Number, defaults: true }) as Decoded
  return request.timeseries.flatMap(({ labels, samples }) =>
    samples.map(({ value, timestamp }) => ({
      labels: Object.fromEntries(labels.map((label) => [label.name, label.value])),
      names: labels.map((label) => label.name),
      timestampMs: timestamp,
      value,
    })),
  )
}
