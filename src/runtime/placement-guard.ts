import { KEY_PARTITIONERS, type KeyPartitioner } from '../core/key-hash.ts'
import type { PlacementExample, PlacementFacts } from '../pipeline/placement.ts'
import { partitionName } from './partition-name.ts'
import type { TopicPartition } from './ports.ts'

/** Signs that what belongs together does not come together. Closed: a metric label. */
export const PLACEMENT_REASONS = [
  /** Samples of records without a key: their producer spreads them over the partitions. */
  'key_missing',
  /** Series whose records have different keys, which may lie in different partitions. */
  'several_keys',
  /** Series that were seen in two partitions by this process: certain. */
  'two_partitions',
  /** Keys that lie where another partitioner than the Java client's puts them, all of them. */
  'partitioner_crc32',
  'partitioner_fnv1a',
  'partitioner_kafkajs_legacy',
  /** Keys of which some lie where one partitioner puts them, and some where another does. */
  'partitioners_mixed',
  /** Keys that lie where no known partitioner puts them. */
  'partitioner_unknown',
  /** Samples that overwrote each other, because two series have the same place in a joined entity. */
  'join_clash',
] as const
export type PlacementReason = (typeof PLACEMENT_REASONS)[number]

export interface PlacementFinding {
  readonly reason: PlacementReason
  /** A `note` tells what may go wrong one day; a `warning` what goes wrong now. */
  readonly severity: 'note' | 'warning'
  /** Of samples, series or keys, as the reason says. */
  readonly count: number
  /** For people: what was seen, and what to change. */
  readonly detail: string
}

/** Series of which it is remembered where they were seen. */
const HOMES_MAX = 200_000
/** A key lies in the right partition by chance, too: so many have to agree, or so many samples to have been seen. */
const KEYS_ENOUGH = 8
const SAMPLES_ENOUGH = 1_000

/** Reports that wait until the broker has said how many partitions their topic has; it is asked every few seconds. */
const UNSIZED_MAX = 1_024

const REKEY = 'or let Tidegauge sort them: source.kafka.rekey: true'

const SETTINGS: Readonly<Record<Exclude<KeyPartitioner, 'murmur2'>, readonly [who: string, change: string]>> = {
  crc32: ["librdkafka's default (CRC32)", 'set partitioner=murmur2_random in its producers'],
  fnv1a: [
    'FNV-1a (Sarama, kafka-go)',
    "use a murmur2 partitioner: kafka-go's Murmur2Balancer, librdkafka's murmur2_random",
  ],
  kafkajs_legacy: ['kafkajs before 2.0', 'set createPartitioner: Partitioners.DefaultPartitioner in its producers'],
}

/**
 * Whether each series of one pipeline keeps to one partition, judged from what its tasks saw and from how many
 * partitions there are. A key's hash tells across processes; that a series was seen twice, only within this one.
 */
export class PlacementGuard {
  readonly #partitionsOf = new Map<string, number>()
  #unsized: { readonly partition: TopicPartition; readonly facts: PlacementFacts }[] = []
  readonly #homes = new Map<string, string>()
  readonly #strays = new Map<string, string>()
  /** Keys by which partitioners would have put them where they lie: bit i for KEY_PARTITIONERS[i]. */
  readonly #keysByMatches = new Array<number>(1 << KEY_PARTITIONERS.length).fill(0)
  #samples = 0
  #unkeyed = 0
  #severalKeys = 0
  #joinClashes = 0
  readonly #examples: Partial<Record<PlacementReason, PlacementExample>> = {}

  /** How many partitions a topic has; what was seen before it is known waits for it. */
  sized(topic: string, partitions: number): void {
    this.#partitionsOf.set(topic, partitions)
    const waiting = this.#unsized.filter(({ partition }) => partition.topic === topic)
    if (waiting.length === 0) return
    this.#unsized = this.#unsized.filter(({ partition }) => partition.topic !== topic)
    for (const { partition, facts } of waiting) this.#judge(partition, facts, partitions)
  }

  /** What a task saw since it last told. */
  saw(partition: TopicPartition, facts: PlacementFacts): void {
    this.#joinClashes += facts.joinClashes
    this.#remember('join_clash', facts.clashExamples[0])
    const partitions = this.#partitionsOf.get(partition.topic)
    if (partitions !== undefined) this.#judge(partition, facts, partitions)
    else if (this.#unsized.length < UNSIZED_MAX) this.#unsized.push({ partition, facts })
  }

  #judge({ partition }: TopicPartition, facts: PlacementFacts, partitions: number): void {
    // With one partition, nothing can lie in a wrong one.
    if (partitions < 2) return
    this.#samples += facts.keyed + facts.unkeyed
    this.#unkeyed += facts.unkeyed
    this.#severalKeys += facts.severalKeys
    this.#remember('several_keys', facts.keyExamples[0])
    const width = KEY_PARTITIONERS.length
    for (let at = 0; at < facts.hashes.length; at += width) {
      let matches = 0
      for (let i = 0; i < width; i++) if ((facts.hashes[at + i] ?? 0) % partitions === partition) matches |= 1 << i
      this.#keysByMatches[matches] = (this.#keysByMatches[matches] ?? 0) + 1
    }
  }

  /** Series were scored in a partition. */
  scored(partition: TopicPartition, keys: Iterable<string>): void {
    const name = partitionName(partition)
    for (const key of keys) this.#home(name, key)
  }

  #home(name: string, series: string): void {
    const known = this.#homes.get(series)
    if (known === name) return
    if (known === undefined) {
      if (this.#homes.size < HOMES_MAX) this.#homes.set(series, name)
    } else if (this.#strays.size < HOMES_MAX && !this.#strays.has(series)) {
      this.#strays.set(series, name)
      this.#remember('two_partitions', { series, detail: `in ${known} and in ${name}` })
    }
  }

  /** Series were let go where they were. */
  gone(partition: TopicPartition, keys: Iterable<string>): void {
    const name = partitionName(partition)
    for (const key of keys) if (this.#homes.get(key) === name) this.#homes.delete(key)
  }

  findings(): readonly PlacementFinding[] {
    const found: PlacementFinding[] = []
    const add = (reason: PlacementReason, count: number, detail: string) =>
      found.push({ reason, severity: 'warning', count, detail: detail + this.#example(reason) })
    if (this.#unkeyed > 0) {
      const share = `${this.#unkeyed} of ${this.#samples} samples`
      add('key_missing', this.#unkeyed, `${share} came without a key: key the records by their series, ${REKEY}`)
    }
    if (this.#severalKeys > 0) {
      const change = `key by what makes a series here (its labels without series.dropLabels, or join.by), ${REKEY}`
      add('several_keys', this.#severalKeys, `${this.#severalKeys} series came under several keys: ${change}`)
    }
    if (this.#strays.size > 0) {
      const what = `${this.#strays.size} series were seen in two partitions, each with a state of its own`
      add('two_partitions', this.#strays.size, `${what}: give each series one key and all producers one partitioner`)
    }
    if (this.#joinClashes > 0) {
      const change = 'add the label in which they differ to join.by, or leave one out by select'
      add('join_clash', this.#joinClashes, `${this.#joinClashes} samples of joined series overwrote others: ${change}`)
    }
    return [...found, ...this.#partitionerFindings()]
  }

  /** By the keys that do not lie where the Java client puts them. */
  #partitionerFindings(): readonly PlacementFinding[] {
    const keys = this.#keysByMatches.reduce((sum, count) => sum + count, 0)
    const matching = (bit: number, among: (matches: number) => boolean) =>
      this.#keysByMatches.reduce((sum, count, matches) => sum + (among(matches) && matches & bit ? count : 0), 0)
    const astray = (matches: number) => (matches & 1) === 0
    const strays = keys - matching(1, () => true)
    if (strays === 0 || (strays < KEYS_ENOUGH && this.#samples < SAMPLES_ENOUGH)) return []
    const share = `${strays} of ${keys} keys`
    for (const [i, partitioner] of KEY_PARTITIONERS.entries()) {
      if (partitioner === 'murmur2' || matching(1 << i, astray) < strays) continue
      const [who, change] = SETTINGS[partitioner]
      if (matching(1 << i, () => true) === keys) {
        const meaning = 'a series keeps to one partition as long as every producer chooses like this'
        const detail = `all ${keys} keys lie where ${who} puts them: ${meaning}; ${change} before another kind writes too`
        return [{ reason: `partitioner_${partitioner}`, severity: 'note', count: strays, detail }]
      }
      const detail = `${share} lie where ${who} puts them, the others where the Java client does: ${change}, ${REKEY}`
      return [{ reason: 'partitioners_mixed', severity: 'warning', count: strays, detail }]
    }
    const causes = 'a producer that chooses partitions itself, or records from before partitions were added'
    const detail = `${share} lie where no known partitioner puts them (${causes}): choose by murmur2 of the key, ${REKEY}`
    return [{ reason: 'partitioner_unknown', severity: 'warning', count: strays, detail }]
  }

  #remember(reason: PlacementReason, example: PlacementExample | undefined): void {
    if (example !== undefined) this.#examples[reason] ??= example
  }

  #example(reason: PlacementReason): string {
    const example = this.#examples[reason]
    return example === undefined ? '' : `; such as ${example.series}, ${example.detail}`
  }
}
