import { describe, expect, it } from 'vitest'
import { KEY_PARTITIONERS, type KeyPartitioner, keyHashes } from '../../../src/core/key-hash.ts'
import { noPlacement, PlacementWitness } from '../../../src/pipeline/placement.ts'
import { PlacementGuard } from '../../../src/runtime/placement-guard.ts'

const PARTITIONS = 4
const bytes = (text: string) => new TextEncoder().encode(text)
const homeOf = (key: string, partitioner: KeyPartitioner) =>
  (keyHashes(bytes(key))[KEY_PARTITIONERS.indexOf(partitioner)] ?? 0) % PARTITIONS

/** A guard that was told what tasks of all partitions saw of these records. */
function guardOf(records: readonly { readonly key: string | null; readonly partition: number; series?: string }[]) {
  const guard = new PlacementGuard()
  guard.sized('metrics', PARTITIONS)
  return seenBy(guard, records)
}

function seenBy(guard: PlacementGuard, records: Parameters<typeof guardOf>[0]) {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const witness = new PlacementWitness()
    const facts = noPlacement()
    for (const record of records.filter((one) => one.partition === partition)) {
      witness.record(record.key === null ? null : bytes(record.key))
      witness.sample(record.series ?? record.key ?? 'cpu', facts)
    }
    guard.saw({ topic: 'metrics', partition }, facts)
  }
  return guard
}

const keys = Array.from({ length: 100 }, (_, i) => `cpu{host="host-${i}"}`)
const placedBy = (partitioner: KeyPartitioner, of = keys) =>
  of.map((key) => ({ key, partition: homeOf(key, partitioner) }))
const reasons = (guard: PlacementGuard) => guard.findings().map(({ reason, severity }) => `${severity} ${reason}`)

describe('PlacementGuard', () => {
  it('has nothing to say of keys that lie where the Java client puts them', () => {
    expect(reasons(guardOf(placedBy('murmur2')))).toEqual([])
  })

  it('judges what it saw before it was known how many partitions there are', () => {
    const guard = seenBy(new PlacementGuard(), placedBy('crc32'))
    expect(reasons(guard)).toEqual([])
    guard.sized('metrics', PARTITIONS)
    expect(reasons(guard)).toEqual(['note partitioner_crc32'])
    guard.sized('metrics', PARTITIONS)
    expect(guard.findings()[0]?.detail).toContain('all 100 keys')
  })

  it.each(['crc32', 'fnv1a', 'kafkajs_legacy'] as const)(
    'notes that every key lies where %s puts it',
    (partitioner) => {
      expect(reasons(guardOf(placedBy(partitioner)))).toEqual([`note partitioner_${partitioner}`])
    },
  )

  it('names the setting of librdkafka', () => {
    expect(guardOf(placedBy('crc32')).findings()[0]?.detail).toContain('partitioner=murmur2_random')
  })

  it('warns of producers that disagree', () => {
    const mixed = [...placedBy('murmur2', keys.slice(50)), ...placedBy('crc32', keys.slice(0, 50))]
    expect(reasons(guardOf(mixed))).toEqual(['warning partitioners_mixed'])
  })

  it('warns of keys that lie anywhere', () => {
    expect(reasons(guardOf(keys.map((key, i) => ({ key, partition: i % PARTITIONS }))))).toEqual([
      'warning partitioner_unknown',
    ])
  })

  it('waits with a verdict on few keys', () => {
    expect(reasons(guardOf(placedBy('crc32', keys.slice(0, 5))))).toEqual([])
  })

  it('warns of records without a key, and counts them', () => {
    const guard = guardOf([...placedBy('murmur2'), { key: null, partition: 1 }, { key: null, partition: 2 }])
    expect(guard.findings()).toMatchObject([{ reason: 'key_missing', count: 2, severity: 'warning' }])
    expect(guard.findings()[0]?.detail).toContain('2 of 102 samples')
  })

  it('warns of a series under several keys, naming one', () => {
    const partition = homeOf('k', 'murmur2')
    const other = ['l', 'm', 'n', 'o', 'p'].find((key) => homeOf(key, 'murmur2') === partition) ?? ''
    const guard = guardOf([
      { key: 'k', partition, series: 'cpu' },
      { key: other, partition, series: 'cpu' },
    ])
    expect(reasons(guard)).toEqual(['warning several_keys'])
    expect(guard.findings()[0]?.detail).toContain('such as cpu, also under the key')
  })

  it('warns of a series that was seen in two partitions, but not of one that went and came elsewhere', () => {
    const guard = guardOf([])
    guard.scored({ topic: 'metrics', partition: 0 }, ['cpu'])
    guard.gone({ topic: 'metrics', partition: 0 }, ['cpu'])
    guard.scored({ topic: 'metrics', partition: 1 }, ['cpu'])
    expect(reasons(guard)).toEqual([])
    guard.scored({ topic: 'metrics', partition: 2 }, ['cpu'])
    guard.scored({ topic: 'metrics', partition: 1 }, ['cpu'])
    expect(guard.findings()).toMatchObject([{ reason: 'two_partitions', count: 1 }])
    expect(guard.findings()[0]?.detail).toContain('such as cpu, in metrics-1 and in metrics-2')
  })

  it('judges no keys where there is one partition, or where their number is not known', () => {
    const guard = new PlacementGuard()
    guard.saw({ topic: 'metrics', partition: 0 }, { ...noPlacement(), unkeyed: 5 })
    guard.sized('metrics', 1)
    guard.saw({ topic: 'metrics', partition: 0 }, { ...noPlacement(), unkeyed: 5, severalKeys: 1 })
    expect(guard.findings()).toEqual([])
  })

  it('warns of series that overwrite each other in a joined entity', () => {
    const guard = new PlacementGuard()
    const clashExamples = [{ series: 'host{host="a"}', detail: 'cpu{core="0"} and cpu{core="1"}' }]
    guard.saw({ topic: 'feed', partition: 0 }, { ...noPlacement(), joinClashes: 7, clashExamples })
    expect(guard.findings()).toMatchObject([{ reason: 'join_clash', count: 7 }])
    expect(guard.findings()[0]?.detail).toMatch(/add the label .* to join\.by.*cpu\{core="0"\} and cpu\{core="1"\}/)
  })
})
