import { describe, expect, it } from 'vitest'
import { eventually, freshTopic, publish, testSource, uniqueName } from '../support/kafka.ts'
import { CollectingConsumer, resume } from '../support/kafka-consumer.ts'

const PARTITIONS = 6

describe('a group that grows and shrinks', () => {
  it('moves no partition that can stay, and stays without a pause', async () => {
    const topic = await freshTopic(PARTITIONS)
    const group = uniqueName('group')
    const [one, two] = [new CollectingConsumer(resume), new CollectingConsumer(resume)]
    const first = testSource(group).source
    await first.start([topic], one)
    await eventually(() => one.held.length === PARTITIONS)
    await publish(
      topic,
      Array.from({ length: 60 }, (_, i) => ({ value: `a${i}`, partition: i % PARTITIONS })),
    )
    await eventually(() => one.values.length === 60)
    const controls = new Map(one.controls)

    const second = testSource(group).source
    await second.start([topic], two)
    await eventually(() => two.held.length === 3 && one.held.length === 3)
    const kept = one.held
    expect(new Set([...kept, ...two.held]).size).toBe(PARTITIONS)
    // Those that stayed were never revoked, nor assigned a second time; those that left may commit no more.
    for (const name of kept) {
      expect(one.events.get(name)!.filter((event) => event !== 'records')).toEqual(['assigned'])
      expect(controls.get(name)!.isCurrent()).toBe(true)
    }
    for (const name of two.held) expect(controls.get(name)!.isCurrent()).toBe(false)

    await publish(
      topic,
      Array.from({ length: 60 }, (_, i) => ({ value: `b${i}`, partition: i % PARTITIONS })),
    )
    const got = (consumer: CollectingConsumer) => consumer.values.filter((value) => value.startsWith('b')).length
    await eventually(() => got(one) === 30 && got(two) >= 30)
    // A partition that stayed goes on after the record it had read last, not at the committed offset.
    for (const name of kept) {
      expect(one.seen.get(name)!.map((record) => record.offset)).toEqual(
        Array.from({ length: 20 }, (_, i) => BigInt(i)),
      )
    }

    await second.stop()
    await eventually(() => one.held.length === PARTITIONS)
    for (const name of kept) expect(one.events.get(name)!.filter((event) => event !== 'records')).toEqual(['assigned'])
    expect(one.overlaps + two.overlaps).toBe(0)
  })
})
