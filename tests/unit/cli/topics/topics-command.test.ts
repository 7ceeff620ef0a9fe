import { expect, it } from 'vitest'
import type { FoundTopic } from '../../../../src/app/topics.ts'
import { topicTable } from '../../../../src/cli/topics/topics-command.ts'

const input: FoundTopic = {
  topic: 'metrics',
  role: 'input',
  pipelines: ['web', 'shop'],
  partitions: null,
  found: 12,
  created: false,
}

it('lines up topics, and says of each one that is missing who makes it', () => {
  const scores = { ...input, topic: 'tidegauge.scores', role: 'scores', partitions: 4 } as const
  expect(
    topicTable([
      input,
      { ...input, topic: 'absent', found: null },
      { ...scores, found: null },
      { ...scores, created: true, found: 4 },
    ]),
  ).toBe(`TOPIC             ROLE    PARTITIONS                        PIPELINES
metrics           input   12                                web, shop
absent            input   missing: its producers create it  web, shop
tidegauge.scores  scores  missing: --create makes 4         web, shop
tidegauge.scores  scores  4 (created)                       web, shop
`)
})
