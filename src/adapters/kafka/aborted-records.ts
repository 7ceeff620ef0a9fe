import { exchangePart } from './client-parts.ts'

/** The parts of a fetched message that tell whether a transaction took it back. */
interface FetchedMessage {
  readonly offset: string
  readonly key: Buffer | null
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean }
  /** Written by the broker: the marker that ends a transaction. Records with this set are seen by no reader. */
  isControlRecord?: boolean
}

interface AbortedTransaction {
  readonly producerId: string
  readonly firstOffset: string
}

/** One partition of a fetch response, as the client has decoded it. */
export interface FetchedPartition {
  abortedTransactions: readonly AbortedTransaction[] | null
  readonly messages: readonly FetchedMessage[]
}

/** The key of a marker is its version and its type, two bytes each; type 0 aborts. */
const isAbortMarker = ({ isControlRecord, key }: FetchedMessage) =>
  isControlRecord === true && key?.readInt16BE(2) === 0

/**
 * Hides the records of aborted transactions, as the Java client's fetcher does: from its first offset to its abort
 * marker, a transaction's records are skipped.
 *
 * kafkajs takes the broker's list of aborted transactions to be in the order of their first offsets. It is in the
 * order of their ends; so where transactions overlap, which those of several tasks in one topic do, readers of
 * committed records would be given aborted ones. (It also takes any record with a key of four zero bytes for a marker.)
 */
export function hideAborted(partition: FetchedPartition): void {
  const { abortedTransactions, messages } = partition
  if (abortedTransactions === null || abortedTransactions.length === 0) return
  const waiting = abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: BigInt(firstOffset) }))
    .sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const aborting = new Set<string>()
  let next = 0
  for (const message of messages) {
    const offset = BigInt(message.offset)
    for (let one = waiting[next]; one !== undefined && one.firstOffset <= offset; one = waiting[++next]) {
      aborting.add(one.producerId)
    }
    const { producerId = '', inTransaction = false } = message.batchContext ?? {}
    if (isAbortMarker(message)) aborting.delete(producerId)
    else if (inTransaction && aborting.has(producerId)) message.isControlRecord = true
  }
  // Nothing is left for the client's own filter to do.
  partition.abortedTransactions = []
}

interface FetchResponse {
  decode(
    data: unknown,
  ): Promise<{ readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[] }>
}

/** The version of the fetch request that the client speaks with every broker since Apache Kafka 2.3. */
const FETCH_RESPONSE = 'kafkajs/src/protocol/requests/fetch/v11/response.js'

/** Puts `hideAborted` into the client, once a process. */
export function correctReadCommitted(): void {
  exchangePart<FetchResponse>(FETCH_RESPONSE, (response) => {
    const { decode } = response
    // In place: whoever has looked the part up already has the same object.
    response.decode = async (data) => {
      const decoded = await decode(data)
      for (const { partitions } of decoded.responses) for (const partition of partitions) hideAborted(partition)
      return decoded
    }
    return response
  })
}
