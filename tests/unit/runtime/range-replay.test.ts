import { expect, test } from 'vitest'
import type { ScoredSeries } from '../../../src/pipeline/step-output.ts'
import { RangeReplay } from '../../../src/runtime/range-replay.ts'
import { jsonSample, MINUTE_MS, pipelineOptions } from '../../support/pipeline-options.ts'

const AT = { topic: 'metrics', partition: 0 }
const TO_MS = 100 * MINUTE_MS

function replayOf(start: bigint, end: bigint, toMs = TO_MS) {
  const scored: ScoredSeries[] = []
  let records = 0
  const replay = new RangeReplay(pipelineOptions(), [{ ...AT, start, end }], toMs, {
    onScored: (one) => scored.push(one),
    onRecords: (count) => {
      records += count
    },
  })
  return { replay, scored, read: () => records }
}

function batch(first: number, count: number) {
  const records = Array.from({ length: count }, (_, i) => {
    const timestampMs = (first + i) * MINUTE_MS
    return { offset: BigInt(first + i), timestampMs, key: null, value: jsonSample('cpu', {}, timestampMs, first + i) }
  })
  return { ...AT, records, endOffset: 1_000n }
}

test('takes the records of the range and no other, and closes the last period', async () => {
  const { replay, scored, read } = replayOf(2n, 5n)
  expect(await replay.onAssigned(AT)).toEqual({ kind: 'offset', offset: 2n })
  await replay.onRecords(batch(0, 4))
  expect(replay.open).toMatchObject([AT])
  await replay.onRecords(batch(4, 4))
  expect(replay.open).toEqual([])
  await replay.onRecords(batch(8, 4))
  expect(scored.map(({ point }) => point.inputs[0]?.value)).toEqual([2, 3, 4])
  expect(replay.facts).toEqual({ records: 3, deadLetters: 0, late: 0 })
  expect(read()).toBe(3)
  replay.dispose()
})

test('goes on where it was after a rebalance; records that come twice are taken once', async () => {
  const { replay, scored } = replayOf(0n, 4n)
  await replay.onRecords(batch(0, 2))
  await replay.onRevoked()
  expect(await replay.onAssigned(AT)).toEqual({ kind: 'offset', offset: 2n })
  await replay.onRecords(batch(0, 4))
  expect(scored).toHaveLength(4)
  replay.dispose()
})

test('an end that no reader is given is told from outside, once; an empty range is done at once', async () => {
  const { replay, scored } = replayOf(0n, 9n)
  await replay.onRecords(batch(0, 3))
  replay.finish(AT)
  replay.finish(AT)
  expect(replay.open).toEqual([])
  expect(scored).toHaveLength(3)
  expect(replayOf(7n, 7n).replay.open).toEqual([])
})

test('a period that reaches beyond the range is not closed', async () => {
  const { replay, scored } = replayOf(0n, 3n, 2.5 * MINUTE_MS)
  await replay.onRecords(batch(0, 3))
  expect(scored).toHaveLength(2)
  expect(await replay.onAssigned({ topic: 'other', partition: 0 })).toEqual({ kind: 'latest' })
  replay.dispose()
})
