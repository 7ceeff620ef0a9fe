import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { freshTopic, kafkaBrokers, publish, uniqueName } from '../support/kafka.ts'
import { blocksOf, pageText } from '../support/pages.ts'
import { freePort } from '../support/ports.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const BLOCKS = blocksOf(pageText('deploy/docs/tutorial.md'), 'sh').map(({ text }) => text.trim())
const SERIES = 'http_latency_ms{host="web-1",service="checkout"}'
const TIMEOUT_MS = 120_000

/** The steps of the tutorial that go on until they are stopped; its other ones are run by tests/architecture. */
function step(words: string): string {
  const found = BLOCKS.filter((text) => text.includes(words))
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-tutorial-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A command as it stands on the page, in a place of the test's own. */
function here(command: string, folder: string): string {
  return command
    .replaceAll('/tmp/tidegauge-tutorial', folder)
    .replaceAll('localhost:9092', kafkaBrokers().join(','))
    .replaceAll('deploy/docs/tutorial.yaml', join(folder, 'tutorial.yaml'))
}

function start(command: string, env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn('bash', ['-c', `exec ${command}`], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: 'ignore',
    detached: true,
  })
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode !== null || child.pid === undefined) return
    process.kill(-child.pid, 'SIGKILL')
    await ended
  })
  return child
}

function run(command: string): string {
  const done = spawnSync('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  expect(done.status, `${command}\n${done.stdout}\n${done.stderr}`).toBe(0)
  return done.stdout
}

/** Waits until the incident on the last day was raised, and gives the keys of the series. */
async function untilRaised(url: string): Promise<readonly string[]> {
  const get = (path: string) =>
    fetch(`${url}${path}`).then(
      (answer) => (answer.ok ? answer.text() : ''),
      () => '',
    )
  const raised = /^tidegauge_alarm_transitions_total\{[^}]*from="OK",to="ALARM"\} [1-9]/m
  for (let i = 0; i < 900 && !raised.test(await get('/metrics')); i++) await sleep(100)
  const { items } = JSON.parse(await get('/api/v1/series')) as { readonly items: readonly { readonly key: string }[] }
  expect(await get('/metrics')).toMatch(raised)
  return items.map(({ key }) => key)
}

it('step 5: the process that stays shows the series, and takes the verdict of the page', async () => {
  const folder = folderOfTest()
  run(`cp deploy/docs/tutorial.yaml ${folder}; node deploy/docs/tutorial-data.mjs jsonl > ${folder}/latency.jsonl`)
  const port = String(await freePort())
  const url = `http://127.0.0.1:${port}`
  start(here(step('--follow'), folder), { TIDEGAUGE_HTTP_PORT: port })
  expect(await untilRaised(url)).toEqual([SERIES])
  const page = await fetch(`${url}/`)
  expect(await page.text()).toContain('<title>Tidegauge</title>')
  expect(run(`${here(step('feedback'), folder)} --url ${url}`)).toMatch(/^applied: incident for /)
})

it('step 6: the same pipeline on a topic', async () => {
  const folder = folderOfTest()
  const topic = await freshTopic(1)
  const name = uniqueName('tutorial')
  const yaml = run('cat deploy/docs/tutorial.yaml')
  const own = ['scores', 'alarms', 'deadLetter'].map((sink) => `  ${sink}: { topic: ${name}.${sink} }`)
  const text = yaml.replace('name: tutorial', `name: ${name}`).replace('[metrics]', `[${topic}]`)
  writeFileSync(join(folder, 'tutorial.yaml'), `${text}\nsinks:\n${own.join('\n')}\n`)
  const lines = run('node deploy/docs/tutorial-data.mjs jsonl').trim().split('\n')
  await publish(
    topic,
    lines.map((value) => ({ value, key: 'http_latency_ms' })),
  )
  const [create = '', go = ''] = here(step('topics '), folder).split('\n')
  expect(run(create)).toContain(`${name}.scores`)
  const port = String(await freePort())
  const env = { TIDEGAUGE_HTTP_PORT: port, TIDEGAUGE_STATE_DIR: join(folder, 'state') }
  start(go, env)
  expect(await untilRaised(`http://127.0.0.1:${port}`)).toEqual([SERIES])
})
