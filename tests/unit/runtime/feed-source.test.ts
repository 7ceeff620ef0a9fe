import { describe, expect, it } from 'vitest'
import { FeedSource } from '../../../src/runtime/feed-source.ts'
import type { PartitionConsumer, StartPosition } from '../../../src/runtime/ports.ts'

const FEED = { topic: 'feed', partition: 0 }
const record = (text: string) => ({ value: new TextEncoder().encode(text), timestampMs: 1 })

function consumer(start: StartPosition) {
  const seen: string[] = []
  const made: PartitionConsumer = {
    onAssigned: async () => start,
    onRecords: async ({ records, endOffset }) => {
      for (const { offset, value } of records)
        seen.push(`${offset}/${endOffset} ${new TextDecoder().decode(value ?? undefined)}`)
    },
    onRevoked: async () => void seen.push('revoked'),
  }
  return { made, seen }
}

describe('FeedSource', () => {
  it('numbers what is fed, from where the consumer begins', async () => {
    const { made, seen } = consumer({ kind: 'offset', offset: 5n })
    const feed = new FeedSource(FEED, async () => ({ offset: 9n, metadata: '' }))
    await feed.start([], made)
    expect(feed.position).toBe(5n)
    await Promise.all([feed.push([record('a'), record('b')]), feed.push([record('c')])])
    expect(seen).toEqual(['5/7 a', '6/7 b', '7/8 c'])
    expect(await feed.skipToCommitted()).toBe(9n)
    await feed.push([record('d')])
    expect(seen.at(-1)).toBe('9/10 d')
  })

  it('revokes once, and takes nothing after that', async () => {
    const { made, seen } = consumer({ kind: 'earliest' })
    const feed = new FeedSource(FEED, async () => undefined)
    await feed.start([], made)
    await feed.stop()
    await feed.stop()
    expect(seen).toEqual(['revoked'])
    await expect(feed.push([record('late')])).rejects.toMatchObject({ code: 'INTERNAL' })
  })
})
