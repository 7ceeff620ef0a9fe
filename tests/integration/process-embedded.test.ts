import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { fleetRecords, minutesAgo, RunLab } from '../support/run-lab.ts'

const ALARMS = `
alarms:
  - { name: anomalous, on: grade, threshold: 0 }
  - { name: busy, on: threshold, threshold: 30, operator: GreaterThanThreshold, match: { name: process_cpu_usage_percent } }
`

it('without a broker, the results are those with one, byte by byte, also when it is killed on the way', async () => {
  const lab = await RunLab.create()
  await lab.createTopic(1)
  const records = fleetRecords({ size: 60 }, minutesAgo(400), 360)
  const rubbish = { value: '{"name":' }
  const input = [...records.slice(0, 500), rubbish, ...records.slice(500)]
  await lab.publish(input.map(({ value }) => ({ value })))
  const file = join(lab.folder, 'input.jsonl')
  await writeFile(file, input.map(({ value }) => `${value}\n`).join(''))
  const embedded = { brokers: undefined, flags: ['--input', file] }

  // The pipeline has the same topics in all runs: they are named in its file, and the file is of one run.
  const undisturbed = await lab.start('whole', ALARMS, embedded)
  expect(await undisturbed.ended).toEqual({ code: 0, signal: null })
  const whole = await results(lab, 'whole')

  let kills = 0
  for (const [i, share] of [0.2, 0.5, 0.8].entries()) {
    const victim = await lab.start('killed', ALARMS, embedded)
    const wanted = share * (whole.get('scores') ?? '').length
    while (victim.isAlive && ((await results(lab, 'killed')).get('scores') ?? '').length < wanted) await sleep(5)
    if ((await victim.kill()).signal === 'SIGKILL') kills = i + 1
  }
  expect(kills).toBeGreaterThan(0)
  const again = await lab.start('killed', ALARMS, embedded)
  expect((await again.ended).code).toBe(0)
  expect(await results(lab, 'killed')).toEqual(whole)

  const running = await lab.start('kafka', ALARMS)
  await lab.caughtUp('kafka')
  expect((await running.stop()).code).toBe(0)
  const outputs = await lab.outputs('kafka')
  for (const what of ['scores', 'alarms'] as const) {
    const lines = outputs.filter(({ topic }) => topic.endsWith(what)).map(({ value }) => value)
    const expected = (whole.get(what) ?? '').split('\n').slice(0, -1)
    expect(lines.length, what).toBeGreaterThan(0)
    // Topics have several partitions, so only each series' own order is comparable.
    expect(bySeries(lines)).toEqual(bySeries(expected))
  }
})

/** The files of results of an embedded run, by what is in them. */
async function results(lab: RunLab, run: string): Promise<Map<string, string>> {
  const folder = join(lab.stateDir(run), 'embedded', 'output')
  const found = new Map<string, string>()
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    if (!name.endsWith('.jsonl')) continue
    const what = ['scores', 'alarms', 'dead-letter'].find((one) => name.includes(one))
    if (what !== undefined) found.set(what, await readFile(join(folder, name), 'utf8'))
  }
  return found
}

function bySeries(lines: readonly string[]): Map<string, string[]> {
  const series = new Map<string, string[]>()
  for (const line of lines) {
    const { series: of } = JSON.parse(line) as { series: string | { key: string } }
    const key = typeof of === 'string' ? of : of.key
    series.set(key, [...(series.get(key) ?? []), line])
  }
  return new Map([...series].sort(([a], [b]) => (a < b ? -1 : 1)))
}
