import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareOutputs } from '../support/compare-outputs.ts'
import { fleetRecords, metricOf, minutesAgo, RunLab } from '../support/run-lab.ts'
import type { Tidegauge } from '../support/tidegauge.ts'

const PARTITIONS = 2
const ALARMS = `
alarms:
  - { name: anomalous, on: grade, threshold: 0 }
  - { name: outside, on: band, evaluationPeriods: 3, datapointsToAlarm: 2 }
`

/** Half of the input is worked off by a process that is killed; the other half waits for its successor. */
async function halfDone(): Promise<RunLab> {
  const lab = await RunLab.create()
  await lab.createTopic(PARTITIONS)
  const input = fleetRecords({ size: 30 }, minutesAgo(300), 240)
  await lab.publish(input.slice(0, input.length / 2))
  const first = await lab.start('main', withChangelog(lab))
  await first.ready()
  await lab.caughtUp('main')
  // A checkpoint that no commit has named yet does not count.
  await lab.publish(input.slice(input.length / 2, input.length / 2 + 60))
  await lab.caughtUp('main')
  const named = async () => (await metricOf(first, 'tidegauge_checkpoints_total', { outcome: 'written' })) >= PARTITIONS
  for (let tries = 0; tries < 200 && !(await named()); tries++) await new Promise((resolve) => setTimeout(resolve, 50))
  await lab.publish(input.slice(input.length / 2 + 60, input.length / 2 + 120))
  await lab.caughtUp('main')
  await first.kill()
  await lab.publish(input.slice(input.length / 2 + 120))
  return lab
}

const withChangelog = (lab: RunLab) => `  changelog: { topic: ${lab.topic}.state }\n${ALARMS}`

async function sameAsUndisturbed(lab: RunLab): Promise<void> {
  const calm = await lab.start('calm', withChangelog(lab))
  await lab.caughtUp('calm')
  expect((await calm.stop()).code).toBe(0)
  const { example, ...difference } = compareOutputs(await lab.outputs('calm'), await lab.outputs('main'))
  expect(difference, example).toMatchObject({ lost: 0, duplicated: 0, different: 0 })
  expect(difference.records).toBeGreaterThan(30 * 230)
}

const restoredFrom = (running: Tidegauge) =>
  running.log.flatMap(({ msg, from }) => (msg === 'state restored' ? [String(from)] : []))

describe('state in the changelog', () => {
  it('is where a process goes on that has lost its disk: nothing is learned again', async () => {
    const lab = await halfDone()
    rmSync(lab.stateDir('main'), { recursive: true })
    const second = await lab.start('main', withChangelog(lab))
    await lab.caughtUp('main')
    expect(restoredFrom(second)).toEqual(['changelog', 'changelog'])
    expect(second.log.some(({ msg }) => msg.includes('learning again'))).toBe(false)
    expect(await metricOf(second, 'tidegauge_records_replayed_total')).toBeLessThan(1_000)
    expect((await second.stop()).code).toBe(0)
    await sameAsUndisturbed(lab)
  })

  it('stands in for a disk whose newest checkpoint is damaged', async () => {
    const lab = await halfDone()
    const folder = join(lab.stateDir('main'), 'checkpoints')
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.name.startsWith('manifest')) continue
      const path = join(entry.parentPath, entry.name)
      const bytes = readFileSync(path)
      bytes[bytes.length - 20]! ^= 0x01
      writeFileSync(path, bytes)
    }
    const second = await lab.start('main', withChangelog(lab))
    await lab.caughtUp('main')
    expect(restoredFrom(second)).toEqual(['changelog', 'changelog'])
    expect(await metricOf(second, 'tidegauge_checkpoints_refused_total', { reason: 'damaged' })).toBeGreaterThan(0)
    expect((await second.stop()).code).toBe(0)
    await sameAsUndisturbed(lab)
  })
})
