import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { DiskStateStore } from '../../../src/adapters/disk/state-store.ts'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { CheckpointStore } from '../../../src/runtime/checkpoint.ts'
import { MemoryStore } from '../../support/memory-store.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../support/pipeline-options.ts'

// Written by the version that had whole series in every checkpoint: 30 minutes of m{s="a"}, m{s="b"} and one named head.
const FOLDER = fileURLToPath(new URL('fixtures/version-1', import.meta.url))
const T0 = 1_700_000_040_000
const OPTIONS = pipelineOptions({
  detector: { ...DETECTOR_DEFAULTS, trees: 2, sampleSize: 16 },
  alarms: [thresholdAlarm('high', 50)],
})

it('a checkpoint of version 1 loads, goes on, and is written in the present format', async () => {
  const old = new CheckpointStore(new DiskStateStore(FOLDER)).of('test/in-0', { fingerprint: 7 })
  const { checkpoint, refused } = await old.restore(OPTIONS, { offset: 90n, metadata: '' })
  expect(refused).toEqual([])
  expect(checkpoint?.offset).toBe(90n)
  const task = checkpoint?.task
  if (task === undefined) throw new Error('nothing was restored')
  expect(task.closedThroughMs).toBe(T0 + 29 * MINUTE_MS)
  expect([...task.alarmStates()].map(({ series }) => series.key)).toEqual(['m{s="a"}', 'm{s="b"}', 'head'])

  const out = new StepOutput()
  task.step([{ offset: 90n, timestampMs: T0, value: jsonSample('m', { s: 'a' }, T0 + 30 * MINUTE_MS, 3) }], out)
  expect(out.scores.map(({ point }) => point.inputs[0]?.value)).toEqual([19, 19, 19])
  expect(out.scores.every(({ point }) => point.confidence > 0.1)).toBe(true)

  const present = new CheckpointStore(new MemoryStore())
  const writer = present.of('test/in-0', { fingerprint: 7 })
  await writer.write(task, 91n)
  const again = await present
    .of('test/in-0', { fingerprint: 7 })
    .restore(OPTIONS, { offset: 91n, metadata: writer.metadata })
  const bytes = (one: typeof task | undefined) =>
    [...(one?.snapshot() ?? [])].map((part) => Buffer.from(part.bytes).toString('hex'))
  expect(bytes(again.checkpoint?.task)).toEqual(bytes(task))
})
