import kafkajs, { type Assigner, type PartitionAssigner } from 'kafkajs'
import type { TopicPartition } from '../../runtime/ports.ts'

const { AssignerProtocol } = kafkajs

const NAME = 'tidegauge-sticky'
const VERSION = 1

/** What a member tells the group's leader: the partitions whose state it holds, and since which generation. */
export interface Holdings {
  readonly generation: number
  readonly partitions: readonly TopicPartition[]
}

export interface Member {
  readonly memberId: string
  readonly topics: readonly string[]
  readonly holdings: Holdings
}

/** Partition numbers by topic. */
export type Assignment = Readonly<Record<string, readonly number[]>>

/**
 * Gives each partition of each topic to one member, so that
 *   1. of one topic no member has two more than another that reads the topic, and
 *   2. a partition stays with the member that holds its state, as far as 1 allows.
 * Of two members that claim the same partition, the one of the later generation holds it: the other was away. Topic by
 * topic, because the partitions of one topic weigh about the same; what cannot be divided evenly goes to the members
 * that have the least so far.
 */
export function assignSticky(
  members: readonly Member[],
  partitionsOf: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, Assignment> {
  const assigned = new Map<string, Record<string, number[]>>()
  const total = new Map<string, number>()
  for (const { memberId } of members) {
    assigned.set(memberId, {})
    total.set(memberId, 0)
  }
  for (const [topic, partitions] of [...partitionsOf].sort(([a], [b]) => compare(a, b))) {
    const readers = members.filter((member) => member.topics.includes(topic))
    if (readers.length === 0) continue
    for (const [memberId, own] of assignTopic(topic, partitions, readers, total)) {
      const assignment = assigned.get(memberId)
      if (own.length === 0 || assignment === undefined) continue
      assignment[topic] = own
      total.set(memberId, (total.get(memberId) ?? 0) + own.length)
    }
  }
  return assigned
}

function assignTopic(
  topic: string,
  partitions: readonly number[],
  readers: readonly Member[],
  total: ReadonlyMap<string, number>,
): Map<string, number[]> {
  const held = holders(topic, partitions, readers)
  const load = (memberId: string) => total.get(memberId) ?? 0
  // Who holds most is first to get one more than the even share; then who has least of the other topics.
  const order = readers
    .map((reader) => reader.memberId)
    .sort((a, b) => count(held, b) - count(held, a) || load(a) - load(b) || compare(a, b))
  const share = Math.floor(partitions.length / order.length)
  const larger = partitions.length % order.length
  const result = new Map<string, number[]>()
  const free = new Set(partitions)
  order.forEach((memberId, rank) => {
    const kept = (held.get(memberId) ?? []).slice(0, share + (rank < larger ? 1 : 0))
    result.set(memberId, kept)
    for (const partition of kept) free.delete(partition)
  })
  const waiting = [...free]
  order.forEach((memberId, rank) => {
    const own = result.get(memberId) ?? []
    own.push(...waiting.splice(0, share + (rank < larger ? 1 : 0) - own.length))
    own.sort((a, b) => a - b)
  })
  return result
}

/** The partitions of the topic that each member holds; each is held by one member at most. */
function holders(topic: string, partitions: readonly number[], readers: readonly Member[]): Map<string, number[]> {
  const existing = new Set(partitions)
  const holder = new Map<number, Member>()
  for (const reader of [...readers].sort((a, b) => compare(a.memberId, b.memberId))) {
    for (const held of reader.holdings.partitions) {
      if (held.topic !== topic || !existing.has(held.partition)) continue
      const other = holder.get(held.partition)
      if (other === undefined || other.holdings.generation < reader.holdings.generation) {
        holder.set(held.partition, reader)
      }
    }
  }
  const result = new Map<string, number[]>()
  for (const [partition, { memberId }] of [...holder].sort(([a], [b]) => a - b)) {
    result.set(memberId, [...(result.get(memberId) ?? []), partition])
  }
  return result
}

const count = (held: ReadonlyMap<string, readonly number[]>, memberId: string) => held.get(memberId)?.length ?? 0
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** The assigner as the client wants it. `holdings` is asked on every join. */
export function stickyAssigner(holdings: () => Holdings): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: encode(holdings()) }),
    }),
    assign: async ({ members, topics }) => {
      const partitionsOf = new Map(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map((found) => found.partitionId)]),
      )
      const assigned = assignSticky(members.map(memberOf), partitionsOf)
      return [...assigned].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment: assignment as Record<string, number[]>,
          userData: Buffer.alloc(0),
        }),
      }))
    },
  })
}

function memberOf({ memberId, memberMetadata }: { memberId: string; memberMetadata: Buffer }): Member {
  const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata)
  return { memberId, topics: metadata?.topics ?? [], holdings: decode(metadata?.userData) }
}

const NOTHING: Holdings = { generation: -1, partitions: [] }

function encode({ generation, partitions }: Holdings): Buffer {
  return Buffer.from(JSON.stringify([generation, partitions.map(({ topic, partition }) => [topic, partition])]))
}

/** A member of another version says something else: it holds nothing that we know of. */
export function decode(userData: Buffer | null | undefined): Holdings {
  if (userData == null || userData.length === 0) return NOTHING
  try {
    const [generation, held] = JSON.parse(userData.toString()) as [unknown, unknown]
    if (typeof generation !== 'number' || !Array.isArray(held)) return NOTHING
    const partitions = (held as unknown[]).flatMap((entry): TopicPartition[] => {
      if (!Array.isArray(entry)) return []
      const [topic, partition] = entry as unknown[]
      return typeof topic === 'string' && typeof partition === 'number' ? [{ topic, partition }] : []
    })
    return { generation, partitions }
  } catch {
    return NOTHING
  }
}
