import { describe, expect, it } from 'vitest'
import { TidegaugeError } from '../../../src/core/errors.ts'
import { PartitionTask, type TaskRecord } from '../../../src/pipeline/partition-task.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { CheckpointStore } from '../../../src/runtime/checkpoint.ts'
import type { CommittedOffset } from '../../../src/runtime/ports.ts'
import type { TaskCheckpoints } from '../../../src/runtime/task-checkpoints.ts'
import { MemoryLog } from '../../support/memory-log.ts'
import { MemoryStore } from '../../support/memory-store.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../support/pipeline-options.ts'

const TASK = 'p/t-0'
const AT = { topic: 'state', partition: 0 }
const T0 = 1_700_000_040_000
const OPTIONS = pipelineOptions({ alarms: [thresholdAlarm('high', 1e9)] })

/** One owner of the task after another, over the same stores. */
let owners = 0
function setUp({ disk = new MemoryStore(), log = new MemoryLog(), hasLog = true } = {}) {
  const owner = (fingerprint = 7) =>
    new CheckpointStore(disk, hasLog ? log : undefined, () => `owner${owners++}`).of(TASK, {
      fingerprint,
      changelog: AT,
    })
  return { disk, log, owner }
}

/** A task that has seen a minute of so many series. */
function learned(series: number): PartitionTask {
  const task = new PartitionTask(OPTIONS)
  step(
    task,
    0,
    Array.from({ length: series }, (_, i) => `s${i}`),
  )
  return task
}

function step(task: PartitionTask, minute: number, series: readonly string[]): void {
  const timestampMs = T0 + minute * MINUTE_MS
  const records = series.map(
    (s): TaskRecord => ({ offset: 0n, timestampMs, value: jsonSample('m', { s }, timestampMs, 1) }),
  )
  task.step(records, new StepOutput())
}

/** Writes a checkpoint and has it named, as a commit does. */
async function named(checkpoints: TaskCheckpoints, task: PartitionTask, offset: bigint): Promise<CommittedOffset> {
  await checkpoints.write(task, offset)
  const { metadata } = checkpoints
  await checkpoints.named(metadata)
  return { offset, metadata }
}

const restored = async (checkpoints: TaskCheckpoints, committed: CommittedOffset | undefined) => {
  const { checkpoint, refused } = await checkpoints.restore(OPTIONS, committed)
  const reasons = refused.map(({ reason }) => reason)
  return { from: checkpoint?.from, offset: checkpoint?.offset, series: checkpoint?.task.entityCount, reasons }
}

const bytesOf = (task: PartitionTask | undefined) =>
  [...(task?.snapshot() ?? [])].map(({ name, bytes }) => [name, [...bytes]])
const isManifest = (name: string) => name.endsWith('manifest')

describe('TaskCheckpoints', () => {
  it('writes what has changed, and gives back the whole, bit for bit', async () => {
    const { disk, owner } = setUp()
    const task = learned(200)
    const checkpoints = owner()
    await named(checkpoints, task, 10n)
    step(task, 0, ['s3', 's4'])
    const before = new Set(disk.blobs.keys())
    const committed = await named(checkpoints, task, 20n)
    const written = [...disk.blobs].filter(([name]) => !before.has(name) && !isManifest(name))
    expect(written.map(([name, { length }]) => [name.slice(-7), length < 2_000])).toEqual([['/000000', true]])
    const { checkpoint } = await owner().restore(OPTIONS, committed)
    expect(bytesOf(checkpoint?.task)).toEqual(bytesOf(task))
  })

  it('restores from the changelog when the disk is gone, and fills the disk again', async () => {
    const { owner, log } = setUp()
    const committed = await named(owner(), learned(20), 10n)
    const moved = setUp({ log })
    expect(await restored(moved.owner(), committed)).toMatchObject({ from: 'changelog', offset: 10n, series: 20 })
    expect(await restored(moved.owner(), committed)).toMatchObject({ from: 'disk', series: 20, reasons: [] })
  })

  it('takes the newest of disk and changelog: a disk that is behind is no use', async () => {
    const { owner, log, disk } = setUp()
    const task = learned(20)
    const first = await named(owner(), task, 10n)
    const elsewhere = setUp({ log }).owner()
    const moved = (await elsewhere.restore(OPTIONS, first)).checkpoint?.task ?? task
    step(moved, 1, ['s1'])
    const committed = await named(elsewhere, moved, 30n)
    expect(await restored(setUp({ log, disk }).owner(), committed)).toMatchObject({ from: 'changelog', offset: 30n })
  })

  it.each(['damaged', 'missing'] as const)(
    'tries the one before when the newest is %s in both stores',
    async (reason) => {
      const { owner, log, disk } = setUp()
      const task = learned(20)
      const checkpoints = owner()
      await named(checkpoints, task, 10n)
      step(task, 1, ['s1', 's2', 's3'])
      const committed = await named(checkpoints, task, 20n)
      const newest = [...disk.blobs.keys()].find((name) => /0000000002-.*000000$/.test(name)) ?? ''
      const record = log.records.get('state-0')?.find(({ name }) => name === newest)
      if (record?.bytes === undefined) throw new Error('no such record')
      if (reason === 'damaged') {
        disk.blobs.get(newest)?.set([0xff], 40)
        record.bytes.set([0xff], 40)
      } else {
        disk.blobs.delete(newest)
        record.bytes = undefined
      }
      expect(await restored(owner(), committed)).toEqual({
        from: 'disk',
        offset: 10n,
        series: 20,
        reasons: [reason, reason],
      })
    },
  )

  it('does not count what no commit has named, such as what a former owner still writes', async () => {
    const { owner, disk } = setUp()
    const task = learned(20)
    const zombie = owner()
    const first = await named(zombie, task, 10n)
    const zombies = `0000000002-owner${owners - 1}`
    const successor = owner()
    await successor.restore(OPTIONS, first)
    step(task, 1, ['s1'])
    const committed = await named(successor, task, 20n)
    await zombie.write(learned(3), 15n)
    expect(await restored(owner(), committed)).toMatchObject({ offset: 20n, series: 20 })
    // And the next cleaning takes it away, with what its own cleaning would have been.
    await named(successor, task, 25n)
    expect([...disk.blobs.keys()].some((name) => name.includes(zombies))).toBe(false)
  })

  it('keeps what the last two need, in both stores, and writes a segment of little life anew', async () => {
    const { owner, disk, log } = setUp()
    const task = learned(50)
    const checkpoints = owner()
    for (let minute = 0; minute < 40; minute++) {
      step(
        task,
        minute,
        Array.from({ length: 1 + (minute % 5) }, (_, i) => `s${(7 * minute + i) % 50}`),
      )
      await named(checkpoints, task, BigInt(minute + 1))
    }
    expect([...disk.blobs.keys()].sort()).toEqual(log.names().sort())
    expect([...disk.blobs.keys()].filter(isManifest)).toHaveLength(2)
    const stored = [...disk.blobs.values()].reduce((sum, { length }) => sum + length, 0)
    const whole = [...task.snapshot()].reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect(stored).toBeLessThan(4 * whole)
  })

  it('writes everything again after a failure, and leaves nothing of it behind', async () => {
    const { owner, log, disk } = setUp()
    const task = learned(20)
    const checkpoints = owner()
    await named(checkpoints, task, 10n)
    step(task, 1, ['s1'])
    const put = log.append
    let puts = 0
    log.append = async (...args) => {
      if (++puts === 2) throw new TidegaugeError('BROKER_UNREACHABLE', 'gone')
      return put.apply(log, args)
    }
    await expect(checkpoints.write(task, 20n)).rejects.toThrow('gone')
    expect(checkpoints.wantsCommit).toBe(false)
    const committed = await named(checkpoints, task, 30n)
    const { checkpoint } = await setUp({ log }).owner().restore(OPTIONS, committed)
    expect(bytesOf(checkpoint?.task)).toEqual(bytesOf(task))
    expect([...disk.blobs.keys()].sort()).toEqual(log.names().sort())
  })

  it('goes on without its cache, says so, and fills it when the disk is back', async () => {
    const { owner, disk, log } = setUp()
    const task = learned(20)
    const checkpoints = owner()
    const { put } = disk
    disk.put = async () => {
      throw new TidegaugeError('STORAGE_FAILED', 'no space left')
    }
    const failed = await checkpoints.write(task, 10n)
    expect(failed?.diskFailure?.message).toBe('no space left')
    await checkpoints.named(checkpoints.metadata)
    disk.put = put
    const committed = await named(checkpoints, task, 20n)
    expect(await restored(setUp({ disk, log }).owner(), committed)).toMatchObject({ from: 'disk', offset: 20n })
  })

  it('refuses one of other options, or ahead of the commit, and names both', async () => {
    const { owner } = setUp({ hasLog: false })
    const checkpoints = owner()
    await named(checkpoints, learned(2), 10n)
    const { metadata } = await named(checkpoints, learned(3), 20n)
    expect(await restored(owner(8), { offset: 99n, metadata })).toMatchObject({
      reasons: ['other_options', 'other_options'],
    })
    expect(await restored(owner(), { offset: 15n, metadata })).toMatchObject({
      offset: 10n,
      reasons: ['ahead_of_commit'],
    })
  })

  it('falls back on what is on disk when the metadata was lost', async () => {
    const { owner } = setUp()
    await named(owner(), learned(5), 10n)
    for (const metadata of ['', 'not ours', '{"checkpoints":[{"id":7}]}'])
      expect(await restored(owner(), { offset: 10n, metadata })).toMatchObject({ from: 'disk', offset: 10n, series: 5 })
  })

  it('takes away what an owner that was killed had written, when its disk is lost too', async () => {
    const { owner, log } = setUp()
    const committed = await named(owner(), learned(5), 10n)
    await owner().write(learned(7), 20n)
    const next = setUp({ log })
    const successor = next.owner()
    const { checkpoint } = await successor.restore(OPTIONS, committed)
    await named(successor, checkpoint?.task ?? learned(1), 30n)
    expect(log.names().sort()).toEqual([...next.disk.blobs.keys()].sort())
  })

  it('cleans up behind what is named, not what is being written meanwhile', async () => {
    const { owner, disk, log } = setUp()
    const task = learned(5)
    const checkpoints = owner()
    await checkpoints.write(task, 10n)
    const { list } = disk
    let goOn = () => {}
    const written = new Promise<void>((resolve) => {
      goOn = resolve
    })
    disk.list = async (prefix) => {
      await written
      return list.call(disk, prefix)
    }
    const cleaning = checkpoints.named(checkpoints.metadata)
    step(task, 1, ['s1', 's2', 's3'])
    await checkpoints.write(task, 20n)
    goOn()
    await cleaning
    disk.list = list
    const { metadata } = checkpoints
    await checkpoints.named(metadata)
    for (const reader of [owner(), setUp({ log }).owner()])
      expect(await restored(reader, { offset: 20n, metadata })).toMatchObject({ offset: 20n, reasons: [] })
  })

  it('gives up when it is told to, and takes back what it wrote', async () => {
    const { owner, disk, log } = setUp()
    const checkpoints = owner()
    const writing = checkpoints.write(learned(20), 10n)
    checkpoints.abandon()
    expect(await writing).toBeUndefined()
    expect([...disk.blobs.keys(), ...log.names()]).toEqual([])
  })
})
