import { describe, expect, it } from 'vitest'
import { PartitionPace } from '../../../src/runtime/partition-pace.ts'

const at = (partition: number) => ({ topic: 'metrics', partition })
const measure = (partition: number, done: bigint, end: bigint) => ({
  topic: 'metrics',
  partitions: 3,
  held: new Map([[partition, { done, end }]]),
})

describe('PartitionPace', () => {
  it('lets a partition run ahead of the slowest by the slack, and no further', () => {
    const pace = new PartitionPace(10)
    for (const partition of [0, 1, 2]) pace.enter(at(partition))
    expect(pace.limitOf(at(0))).toBe(Number.NEGATIVE_INFINITY)
    pace.reached(at(1), 100)
    pace.reached(at(2), 200)
    expect(pace.limitOf(at(0))).toBe(110)
    pace.reached(at(0), 50)
    expect(pace.limitOf(at(2))).toBe(60)
    // The slowest waits for nobody but those behind it.
    expect(pace.limitOf(at(0))).toBe(110)
  })

  it('waits for none that has nothing more, or has left', () => {
    const pace = new PartitionPace(10)
    for (const partition of [0, 1, 2]) pace.enter(at(partition))
    pace.measured(measure(1, 7n, 7n))
    pace.leave(at(2))
    expect(pace.limitOf(at(0))).toBe(Number.POSITIVE_INFINITY)
    pace.measured(measure(1, 7n, 9n))
    expect(pace.limitOf(at(0))).toBe(Number.NEGATIVE_INFINITY)
  })

  it('never goes back', () => {
    const pace = new PartitionPace(0)
    for (const partition of [0, 1]) pace.enter(at(partition))
    pace.reached(at(1), 100)
    pace.reached(at(1), 90)
    expect(pace.limitOf(at(0))).toBe(100)
  })
})
