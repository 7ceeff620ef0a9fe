import type { Message } from 'kafkajs'
import { clientPart, exchangePart } from './client-parts.ts'
import { encodeRecordBatch } from './record-batch.ts'

/** What the client asks to be encoded. */
interface ProduceRequest {
  readonly acks: number
  readonly timeout: number
  readonly transactionalId?: string | null
  readonly producerId?: unknown
  readonly producerEpoch?: number
  readonly compression?: number
  readonly topicData: readonly {
    readonly topic: string
    readonly partitions: readonly {
      readonly partition: number
      readonly firstSequence?: number
      readonly messages: readonly Message[]
    }[]
  }[]
}

interface Encoder {
  writeString(text: string | null): Encoder
  writeInt16(value: number): Encoder
  writeInt32(value: number): Encoder
  writeBuffer(bytes: Buffer): Encoder
}

interface EncodableRequest {
  readonly encode: () => Promise<Encoder>
}

type RequestOf = (request: ProduceRequest) => EncodableRequest

/** The version of the produce request that the client speaks with every broker since Apache Kafka 2.1. */
const PRODUCE_REQUEST = 'kafkajs/src/protocol/requests/produce/v7/request.js'
const ENCODER = 'kafkajs/src/protocol/encoder.js'

/** Lets the client's requests carry batches of ours, once a process. What is compressed stays the client's own. */
export function encodeProducedBatches(): void {
  const NewEncoder = clientPart<new (size: number) => Encoder>(ENCODER)
  exchangePart<RequestOf>(PRODUCE_REQUEST, (theirs) => (request) => ({
    ...theirs(request),
    ...(!request.compression && { encode: async () => encoded(request, NewEncoder) }),
  }))
}

function encoded(
  { acks, timeout, transactionalId = null, producerId = -1n, producerEpoch = 0, topicData }: ProduceRequest,
  NewEncoder: new (size: number) => Encoder,
): Encoder {
  const fields = {
    producerId: BigInt(String(producerId)),
    producerEpoch,
    transactional: transactionalId !== null,
    nowMs: Date.now(),
  }
  const topics = topicData.map(({ topic, partitions }) => ({
    topic,
    batches: partitions.map(({ partition, firstSequence = 0, messages }) => ({
      partition,
      bytes: encodeRecordBatch(messages, { ...fields, firstSequence }),
    })),
  }))
  const size = topics.flatMap(({ batches }) => batches).reduce((sum, { bytes }) => sum + bytes.length + 8, 1_024)
  const encoder = new NewEncoder(size).writeString(transactionalId).writeInt16(acks).writeInt32(timeout)
  encoder.writeInt32(topics.length)
  for (const { topic, batches } of topics) {
    encoder.writeString(topic).writeInt32(batches.length)
    for (const { partition, bytes } of batches)
      encoder.writeInt32(partition).writeInt32(bytes.length).writeBuffer(bytes)
  }
  return encoder
}
