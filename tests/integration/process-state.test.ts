import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/kafka.ts'
import { fleetRecords, metricOf, minutesAgo, RunLab } from '../support/run-lab.ts'
import type { Health } from '../support/tidegauge.ts'

const isFailing = ({ problems }: Health) => problems.some(({ reason }) => reason === 'checkpoint_failing')

/** A file system of so many bytes on a folder; false where the test may not mount one. */
function mounted(folder: string, bytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' })
    onTestFinished(() => {
      execFileSync('umount', ['-l', folder])
    })
    return true
  } catch {
    return false
  }
}

describe('state that cannot be written', () => {
  it('because the disk is full: is told, stops nothing, and is written once there is room', async ({ skip }) => {
    const lab = await RunLab.create()
    await lab.createTopic(1)
    const disk = lab.stateDir('main')
    mkdirSync(disk)
    skip(!mounted(disk, 2 * 1024 * 1024), 'only root may mount a small file system')
    const ballast = join(disk, 'ballast')
    expect(() => writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024))).toThrow('ENOSPC')

    const input = fleetRecords({ size: 20 }, minutesAgo(100), 90)
    await lab.publish(input.slice(0, 900))
    const running = await lab.start('main', '')
    const health = await running.ready(isFailing)
    expect(health.problems.map(({ detail }) => detail).join()).toMatch(/no space|ENOSPC/i)
    expect((await running.health('live')).status).toBe('ok')
    await lab.caughtUp('main')
    expect(await metricOf(running, 'tidegauge_checkpoints_total', { outcome: 'failed' })).toBeGreaterThan(0)

    rmSync(ballast)
    await lab.publish(input.slice(900))
    await lab.caughtUp('main')
    await running.ready()
    expect((await running.stop()).code).toBe(0)
    expect((await lab.outputs('main')).length).toBeGreaterThan(20 * 80)
  })

  it('because something is in its place: is told, and costs no more than learning again', async () => {
    const onDiskOnly = '  changelog: { enabled: false }'
    const lab = await RunLab.create()
    await lab.createTopic(1)
    const obstacle = join(lab.stateDir('main'), 'checkpoints')
    mkdirSync(lab.stateDir('main'))
    writeFileSync(obstacle, 'not a folder')
    const input = fleetRecords({ size: 10 }, minutesAgo(100), 90)
    await lab.publish(input.slice(0, 500))
    const running = await lab.start('main', onDiskOnly)
    await running.ready(isFailing)
    await lab.caughtUp('main')
    expect((await running.stop()).code).toBe(0)

    rmSync(obstacle)
    await lab.publish(input.slice(500))
    const again = await lab.start('main', onDiskOnly)
    await lab.caughtUp('main')
    await eventually(() => again.log.some(({ msg }) => msg.includes('learning again from the topic')))
    expect(await metricOf(again, 'tidegauge_records_replayed_total')).toBe(500)
    expect((await again.stop()).code).toBe(0)
    const scores = (await lab.outputs('main')).filter(({ topic }) => topic.endsWith('.scores'))
    expect(new Set(scores.map(({ key, timestampMs }) => `${key} ${timestampMs}`)).size).toBe(scores.length)
  })
})
