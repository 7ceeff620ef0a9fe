import { randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KafkaStateLog } from '../../src/adapters/kafka/state-log.ts'
import { partitionCounts } from '../../src/adapters/kafka/topics.ts'
import { freshTopic, publish, testClient, uniqueName } from '../support/kafka.ts'

function newLog(): KafkaStateLog {
  const log = new KafkaStateLog(testClient())
  onTestFinished(() => log.close())
  return log
}

describe('KafkaStateLog', () => {
  it('keeps blobs larger than a record, for any other process to read by their places', async () => {
    const at = { topic: uniqueName('state'), partition: 3 }
    const log = newLog()
    const blobs = [randomBytes(5_000_000), randomBytes(10), new Uint8Array(0)]
    const places = []
    for (const [i, blob] of blobs.entries()) places.push(await log.append(at, `task/${i}`, blob))
    expect(places[0]!.last - places[0]!.first).toBe(5n)
    const other = newLog()
    for (const [i, blob] of blobs.entries()) {
      const read = await other.read(at, `task/${i}`, places[i]!)
      expect(Buffer.from(read ?? Buffer.of(1)).equals(blob)).toBe(true)
    }
    // Made with the partitions that it takes, to be compacted.
    expect((await partitionCounts(testClient(), [at.topic])).get(at.topic)).toBe(4)
    await log.append({ ...at, partition: 6 }, 'task/more', blobs[1]!)
    expect((await partitionCounts(testClient(), [at.topic])).get(at.topic)).toBe(7)
  })

  it('reads its own among the records of others, and nothing that was never there', async () => {
    const at = { topic: uniqueName('state'), partition: 0 }
    const log = newLog()
    const place = await log.append(at, 'mine', Buffer.from('a'))
    await log.append(at, 'theirs', Buffer.from('b'))
    expect(Buffer.from((await log.read(at, 'mine', { first: 0n, last: 1n }))!).toString()).toBe('a')
    expect(await log.read(at, 'theirs', place)).toBeUndefined()
    expect(await log.read(at, 'mine', { first: 100n, last: 110n })).toBeUndefined()
    expect(await log.read({ ...at, partition: 5 }, 'mine', place)).toBeUndefined()
    expect(await log.read({ topic: uniqueName('never'), partition: 0 }, 'mine', place)).toBeUndefined()
  })

  it('says so when a chunk is damaged', async () => {
    const topic = await freshTopic(1)
    await publish(topic, [{ key: 'task/0#0', value: 'rubbish', partition: 0 }])
    await expect(newLog().read({ topic, partition: 0 }, 'task/0', { first: 0n, last: 0n })).rejects.toMatchObject({
      code: 'SNAPSHOT_INVALID',
    })
  })

  it('finds what was left behind by somebody who was killed', async () => {
    const at = { topic: uniqueName('state'), partition: 0 }
    const log = newLog()
    const { last } = await log.append(at, 'task/1', randomBytes(10))
    for (const name of ['task/2', 'other/2', 'task/3']) await log.append(at, name, randomBytes(1_000_000))
    await log.remove(at, [{ name: 'task/3', bytes: 1_000_000 }])
    expect(await log.strays(at, 'task/', last)).toEqual([{ name: 'task/2', bytes: 1_800_000 }])
    expect(await log.strays(at, 'task/', 1_000n)).toEqual([])
  })

  it('removes with tombstones, which compaction follows', async () => {
    const at = { topic: uniqueName('state'), partition: 0 }
    const log = newLog()
    const place = await log.append(at, 'old', randomBytes(2_000_000))
    await log.remove(at, [{ name: 'old', bytes: 2_000_000 }])
    // Until the log is compacted it can still be read, and a place that has gone is nothing.
    expect(await log.read(at, 'old', place)).toHaveLength(2_000_000)
    expect(await log.read(at, 'old', { first: place.last + 1n, last: place.last + 3n })).toBeUndefined()
  })
})
