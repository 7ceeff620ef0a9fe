import { describe, expect, it } from 'vitest'
import { ensureTopics } from '../../src/adapters/kafka/topics.ts'
import { testClient, uniqueName } from '../support/kafka.ts'

describe('topics', () => {
  it('are created once, and left as they are afterwards', async () => {
    const kafka = testClient()
    const topic = uniqueName('state')
    const spec = { topic, partitions: 2, config: { 'cleanup.policy': 'compact' } }
    const outcomes = async (specs: Parameters<typeof ensureTopics>[1]) =>
      (await ensureTopics(kafka, specs)).map(({ outcome, detail }) => [outcome, detail])
    expect(await outcomes([spec])).toEqual([['created', '']])
    expect(await outcomes([spec])).toEqual([['present', '']])
    expect(await outcomes([{ ...spec, partitions: 4 }])).toEqual([['other_partitions', '2 partitions, not 4']])
    expect(await outcomes([{ ...spec, config: { 'cleanup.policy': 'delete' } }])).toEqual([
      ['other_config', 'cleanup.policy is compact, not delete'],
    ])
  })
})
