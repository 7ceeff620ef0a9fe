import { describe, expect, it, onTestFinished } from 'vitest'
import { OffsetQueries } from '../../src/adapters/kafka/offsets.ts'
import type { OutputRecord, TransactionalSink } from '../../src/runtime/ports.ts'
import { freshTopic, readCommitted, testClient, testSinks, uniqueName } from '../support/kafka.ts'

async function committedOffset(group: string, topic: string, partition = 0): Promise<bigint | undefined> {
  const admin = testClient().admin()
  await admin.connect()
  try {
    return (await new OffsetQueries(admin, group).committed({ topic, partition }))?.offset
  } finally {
    await admin.disconnect()
  }
}

async function openSink(id: string, group: string): Promise<TransactionalSink> {
  const sink = await testSinks().open(id, group)
  onTestFinished(() => sink.close())
  return sink
}

const record = (topic: string, value: string, more: Partial<OutputRecord> = {}): OutputRecord => ({
  topic,
  key: null,
  value,
  ...more,
})

describe('the transactional sink', () => {
  it('makes records and offsets visible together, with keys, headers and tombstones', async () => {
    const [input, output] = await Promise.all([freshTopic(1), freshTopic(3)])
    const group = uniqueName('group')
    const sink = await openSink(uniqueName('id'), group)
    await sink.commit({
      records: [
        record(output, 'one', { key: 'a', headers: { reason: 'json' } }),
        record(output, 'two', { partition: 2 }),
        { topic: output, key: 'a', value: null },
      ],
      offsets: [{ topic: input, partition: 0, offset: 42n, metadata: 'm' }],
    })
    const read = await readCommitted(output, 3)
    expect(read).toHaveLength(3)
    expect(read.filter((found) => found.key === 'a').map((found) => [found.value, found.headers])).toEqual([
      ['one', { reason: 'json' }],
      [null, {}],
    ])
    expect(read.find((found) => found.value === 'two')?.partition).toBe(2)
    expect(await committedOffset(group, input)).toBe(42n)
  })

  it('keeps the order of a commit that is far larger than one request', async () => {
    const [input, output] = await Promise.all([freshTopic(1), freshTopic(1)])
    const group = uniqueName('group')
    const sink = await openSink(uniqueName('id'), group)
    const filler = 'x'.repeat(2_000)
    const values = Array.from({ length: 3_000 }, (_, i) => `${i} ${filler}`)
    await sink.commit({
      records: values.map((value) => record(output, value)),
      offsets: [{ topic: input, partition: 0, offset: 1n }],
    })
    const read = await readCommitted(output, values.length)
    expect(read.map((found) => found.value)).toEqual(values)
  })

  it('leaves nothing of a commit that fails', async () => {
    const [input, output] = await Promise.all([freshTopic(1), freshTopic(1)])
    const group = uniqueName('group')
    const sink = await openSink(uniqueName('id'), group)
    const failing = sink.commit({
      records: [record(output, 'lost'), record(uniqueName('missing-topic'), 'nowhere')],
      offsets: [{ topic: input, partition: 0, offset: 7n }],
    })
    await expect(failing).rejects.toMatchObject({ code: 'TOPIC_MISSING' })
    expect(await committedOffset(group, input)).toBeUndefined()
    // The same sink works on: it opens its producer anew.
    await sink.commit({ records: [record(output, 'kept')], offsets: [{ topic: input, partition: 0, offset: 8n }] })
    expect((await readCommitted(output, 2, 1_500)).map((found) => found.value)).toEqual(['kept'])
    expect(await committedOffset(group, input)).toBe(8n)
  })

  it('is fenced by a second one with the same id, and stays so', async () => {
    const [input, output] = await Promise.all([freshTopic(1), freshTopic(1)])
    const [group, id] = [uniqueName('group'), uniqueName('id')]
    const unit = (value: string, offset: bigint) => ({
      records: [record(output, value)],
      offsets: [{ topic: input, partition: 0, offset }],
    })
    const first = await openSink(id, group)
    await first.commit(unit('first', 1n))
    const second = await openSink(id, group)
    await expect(first.commit(unit('zombie', 2n))).rejects.toMatchObject({ code: 'FENCED' })
    await expect(first.commit(unit('zombie again', 2n))).rejects.toMatchObject({ code: 'FENCED' })
    await second.commit(unit('second', 3n))
    expect((await readCommitted(output, 3, 1_500)).map((found) => found.value)).toEqual(['first', 'second'])
    expect(await committedOffset(group, input)).toBe(3n)
  })

  it('commits back to back without the stall of a transaction that is still being completed', async () => {
    const [input, output] = await Promise.all([freshTopic(1), freshTopic(3)])
    const sink = await openSink(uniqueName('id'), uniqueName('group'))
    const records = Array.from({ length: 100 }, (_, i) => record(output, `${i}`, { key: `k${i}` }))
    const times: number[] = []
    for (let i = 1; i <= 12; i++) {
      const startedMs = performance.now()
      await sink.commit({ records, offsets: [{ topic: input, partition: 0, offset: BigInt(i) }] })
      times.push(performance.now() - startedMs)
    }
    const median = times.sort((a, b) => a - b)[6]!
    // With the client's own patience it is over 300 ms.
    expect(median).toBeLessThan(200)
  })
})
