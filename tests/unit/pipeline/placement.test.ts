import { describe, expect, it } from 'vitest'
import { KEY_PARTITIONERS, keyHashes } from '../../../src/core/key-hash.ts'
import { PartitionTask } from '../../../src/pipeline/partition-task.ts'
import { noPlacement, PlacementWitness } from '../../../src/pipeline/placement.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { jsonSample, pipelineOptions } from '../../support/pipeline-options.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function watch() {
  const witness = new PlacementWitness()
  const facts = noPlacement()
  const see = (key: string | null, ...series: string[]) => {
    witness.record(key === null ? null : bytes(key))
    for (const one of series) witness.sample(one, facts)
  }
  return { witness, facts, see }
}

describe('PlacementWitness', () => {
  it('counts samples with and without a key; an empty key is none', () => {
    const { facts, see } = watch()
    see(null, 'a')
    see('', 'a')
    see('k', 'a', 'b')
    expect(facts).toMatchObject({ unkeyed: 2, keyed: 2, severalKeys: 0 })
  })

  it('tells the hashes of each key once', () => {
    const { facts, see } = watch()
    see('k', 'a', 'b')
    see('k', 'a')
    see('l', 'c')
    expect(facts.hashes).toEqual([...keyHashes(bytes('k')), ...keyHashes(bytes('l'))])
  })

  it('tells no more than it may, however many keys there are', () => {
    const { facts, see } = watch()
    for (let i = 0; i < 30_000; i++) see(`key ${i}`, `series ${i}`)
    expect(facts.hashes).toHaveLength(4_096 * KEY_PARTITIONERS.length)
    expect(facts.severalKeys).toBe(0)
  })

  it('counts a series that comes under several keys once, and begins anew when it was let go', () => {
    const { witness, facts, see } = watch()
    for (const key of ['k', 'l', 'm', 'k']) see(key, 'a')
    expect(facts.severalKeys).toBe(1)
    expect(facts.keyExamples).toEqual([{ series: 'a', detail: 'also under the key "l"' }])
    witness.forget('a')
    see('n', 'a')
    expect(facts.severalKeys).toBe(1)
  })

  it('tells two series in one place of an entity from one that follows another', () => {
    const { witness, facts } = watch()
    const joined = (series: string, periodMs: number) => witness.joined('host-a', 0, series, periodMs, facts)
    joined('cpu{pod="1"}', 0)
    joined('cpu{pod="2"}', 60_000)
    expect(facts.joinClashes).toBe(0)
    joined('cpu{pod="3"}', 60_000)
    joined('cpu{pod="2"}', 60_000)
    expect(facts.joinClashes).toBe(2)
    expect(facts.clashExamples[0]).toEqual({ series: 'host-a', detail: 'cpu{pod="2"} and cpu{pod="3"}' })
  })
})

describe('a partition task', () => {
  it('watches keys and joined entities under the identity that it counts by, and dead letters not at all', () => {
    const join = { by: ['host'], metrics: ['cpu', 'mem'], name: 'host' }
    const task = new PartitionTask(pipelineOptions({ join }))
    const out = new StepOutput()
    const record = (offset: bigint, key: string, value: Uint8Array) => ({
      offset,
      timestampMs: 0,
      key: bytes(key),
      value,
    })
    const cpu = (core: string) => jsonSample('cpu', { host: 'a', core }, 60_000, 1)
    task.step([record(0n, 'k', cpu('0')), record(1n, 'l', cpu('1')), record(2n, 'm', bytes('{'))], out)
    expect(out.placement).toMatchObject({ keyed: 2, unkeyed: 0, severalKeys: 1, joinClashes: 1 })
    expect(out.placement.clashExamples).toEqual([
      { series: 'host{host="a"}', detail: 'cpu{core="0",host="a"} and cpu{core="1",host="a"}' },
    ])
    expect(out.placement.hashes).toHaveLength(2 * KEY_PARTITIONERS.length)
  })
})
