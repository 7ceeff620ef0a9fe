import { describe, expect, it } from 'vitest'
import { LagBook } from '../../../src/runtime/lag-book.ts'

const AT = { topic: 'metrics', partition: 0 }
const measure = (done: bigint, end: bigint, topic = 'metrics') => ({
  topic,
  partitions: 1,
  held: new Map([[0, { done, end }]]),
})

describe('LagBook', () => {
  it('is what the task says, until the broker knows of more', () => {
    const book = new LagBook()
    book.progressed(AT, 100n, 50)
    expect(book.of(AT)).toBe(50)
    book.measured(measure(100n, 1_000n))
    expect(book.of(AT)).toBe(900)
    // Of a batch that was fetched before the broker was asked: it does not know of what came since.
    book.progressed(AT, 140n, 10)
    expect(book.of(AT)).toBe(860)
  })

  it('grows while nothing is fetched, and ends at 0 when all is read', () => {
    const book = new LagBook()
    book.progressed(AT, 100n, 0)
    for (const end of [200n, 300n]) book.measured(measure(100n, end))
    expect(book.of(AT)).toBe(200)
    book.progressed(AT, 299n, 1)
    // The last offset is the marker of a transaction: the source knows that nothing is left.
    book.measured(measure(299n, 299n))
    expect(book.of(AT)).toBe(0)
  })

  it('counts a partition that no task has begun from where the source stands', () => {
    const book = new LagBook()
    book.measured(measure(40n, 100n))
    expect(book.of(AT)).toBe(60)
  })

  it('sums over topics, and forgets what left', () => {
    const book = new LagBook()
    book.measured(measure(0n, 7n, 'unsorted'))
    book.measured(measure(0n, 5n))
    expect(book.total).toBe(12)
    book.measured({ topic: 'unsorted', partitions: 1, held: new Map() })
    expect(book.total).toBe(5)
    book.closed(AT)
    expect([book.total, book.of(AT)]).toEqual([0, 0])
  })
})
