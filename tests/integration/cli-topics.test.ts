import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { freshTopic, kafkaBrokers, uniqueName } from '../support/kafka.ts'

const ROOT = join(import.meta.dirname, '..', '..')

it('tidegauge topics lists what is there, creates what is its own, and leaves inputs to their producers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-topics-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const there = await freshTopic(3)
  const [absent, scores, alarms, letters, state] = ['in', 'scores', 'alarms', 'letters', 'state'].map(uniqueName)
  const file = join(folder, 'web.yaml')
  writeFileSync(
    file,
    `name: web
source: { kafka: { topics: [${there}, ${absent}] } }
sinks: { scores: { topic: ${scores} }, alarms: { topic: ${alarms} }, deadLetter: { topic: ${letters} } }
checkpoint: { changelog: { topic: ${state} } }
`,
  )
  const topics = (...flags: readonly string[]) => {
    const args = ['src/main.ts', 'topics', file, '--brokers', kafkaBrokers().join(','), ...flags]
    return spawnSync(process.execPath, ['--import', 'tsx', ...args], { cwd: ROOT, encoding: 'utf8', timeout: 60_000 })
  }
  const found = (text: string) =>
    JSON.parse(text).topics.map((one: Record<string, unknown>) => [one['topic'], one['found'], one['created']])

  const before = topics('--json')
  expect(before.status, before.stderr).toBe(5)
  expect(found(before.stdout)).toEqual([
    [there, 3, false],
    [absent, null, false],
    [scores, null, false],
    [alarms, null, false],
    [letters, null, false],
    [state, null, false],
  ])
  const made = topics('--create', '--json')
  expect(found(made.stdout)).toEqual([
    [there, 3, false],
    [absent, null, false],
    [scores, 4, true],
    [alarms, 1, true],
    [letters, 1, true],
    // As wide as its input, so that a task's state lies where its records do.
    [state, 3, true],
  ])
  const after = topics()
  expect(after.stdout).toContain('missing: its producers create it')
  expect(after.stdout).not.toContain('--create')
  expect(after.status).toBe(5)
})
