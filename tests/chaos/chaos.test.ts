import { expect, it } from 'vitest'
import { chaos } from './chaos.ts'

const CALM = { processes: 3, series: 120, paceMs: 400, brokerRestarts: 0, brokerPauses: 0 }

it('ten kills among three processes change nothing of what they write', { timeout: 300_000 }, async () => {
  const told: string[] = []
  const summary = await chaos({
    ...CALM,
    kills: 10,
    lostDisks: 3,
    seed: 1,
    gapMs: 4_000,
    print: (line) => told.push(line),
  })
  expect(summary, told.join('\n')).toMatchObject({ kills: 10, lost: 0, duplicated: 0, different: 0, crashed: 0 })
  expect(summary.records).toBeGreaterThan(5_000)
})
