import { describe, expect, it } from 'vitest'
import { SampleQueue } from '../../../../../src/adapters/prometheus/remote-write/sample-queue.ts'

const sample = (timestampMs: number) => ({ labels: new Uint8Array(0), timestampMs, value: 1 })
const times = (samples: readonly { readonly timestampMs: number }[]) => samples.map(({ timestampMs }) => timestampMs)

describe('SampleQueue', () => {
  it('gives pieces of one request, oldest first', () => {
    const queue = new SampleQueue({ samples: 10, perRequest: 2 })
    for (const t of [1, 2, 3]) expect(queue.push(sample(t))).toBe(0)
    expect([times(queue.take()), times(queue.take()), queue.take(), queue.size]).toEqual([[1, 2], [3], [], 0])
  })

  it('drops its oldest piece when it is full, and says how much that was', () => {
    const queue = new SampleQueue({ samples: 4, perRequest: 2 })
    const dropped = [1, 2, 3, 4, 5, 6].map((t) => queue.push(sample(t)))
    expect(dropped).toEqual([0, 0, 0, 0, 2, 0])
    expect(queue.size).toBe(4)
    expect([times(queue.take()), times(queue.take())]).toEqual([
      [3, 4],
      [5, 6],
    ])
  })

  it('never holds more than it may, even when that is less than a request', () => {
    const queue = new SampleQueue({ samples: 3, perRequest: 100 })
    let dropped = 0
    for (let t = 0; t < 50; t++) {
      dropped += queue.push(sample(t))
      expect(queue.size).toBeLessThanOrEqual(3)
    }
    expect(dropped + queue.size).toBe(50)
    expect(queue.clear()).toBe(50 - dropped)
    expect([queue.size, queue.take()]).toEqual([0, []])
  })
})
