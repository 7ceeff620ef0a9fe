import { expect, test } from 'vitest'
import type { TaskRecord } from '../../../src/pipeline/partition-task.ts'
import { replayRange } from '../../../src/runtime/range-replay.ts'
import { jsonSample, MINUTE_MS, pipelineOptions } from '../../support/pipeline-options.ts'

const TO_MS = 100 * MINUTE_MS

function minutes(first: number, count: number): TaskRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const timestampMs = (first + i) * MINUTE_MS
    return { offset: BigInt(first + i), timestampMs, value: jsonSample('cpu', {}, timestampMs, first + i) }
  })
}

async function replayed(batches: readonly TaskRecord[][], toMs = TO_MS) {
  const values: (number | undefined)[] = []
  const counts: number[] = []
  async function* read() {
    yield* batches
  }
  await replayRange(pipelineOptions(), read(), toMs, {
    onScored: ({ point }) => values.push(point.inputs[0]?.value),
    onRecords: (count) => counts.push(count),
  })
  return { values, counts }
}

test('scores what the records make, and closes the last period', async () => {
  const { values, counts } = await replayed([minutes(2, 2), minutes(4, 1)])
  expect(values).toEqual([2, 3, 4])
  expect(counts).toEqual([2, 1])
})

test('nothing comes of no records', async () => {
  expect(await replayed([])).toEqual({ values: [], counts: [] })
})

test('a period that reaches beyond the range is not closed', async () => {
  const { values } = await replayed([minutes(0, 3)], 2.5 * MINUTE_MS)
  expect(values).toEqual([0, 1])
})

test('a task that cannot be fed any more ends the replay with the reason', async () => {
  async function* broken() {
    yield minutes(0, 1)
    throw new Error('gone')
  }
  const listener = { onScored: () => undefined, onRecords: () => undefined }
  await expect(replayRange(pipelineOptions(), broken(), TO_MS, listener)).rejects.toThrow('gone')
})
