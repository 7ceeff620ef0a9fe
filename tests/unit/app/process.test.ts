import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startProcess } from '../../../src/app/process.ts'
import { parsePipeline } from '../../../src/config/load.ts'
import { loadSettings } from '../../../src/config/settings.ts'
import { silentLogger } from '../../../src/runtime/logger.ts'

const environment = { variable: () => undefined, file: () => undefined }

it('answers samples that come before its pipelines are up with 503 and when to come again, and takes them after', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'tidegauge-start-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }))
  const pipeline = parsePipeline('name: web\nsource: { kafka: { topics: [metrics] } }\n', 'web', environment)
  const settings = loadSettings({ stateDir, httpPort: '0' }, environment)
  if (!pipeline.ok || !settings.ok) throw new Error('the test is wrong')
  const embedded = { kind: 'push', path: '', follow: false, description: 'http' } as const
  const running = await startProcess({
    settings: settings.value,
    pipelines: [pipeline.value],
    embedded,
    logger: silentLogger,
  })
  onTestFinished(() => running.stop())
  const sample = JSON.stringify({ name: 'cpu', labels: { host: 'a' }, timestamp: Date.now(), value: 1 })
  // In this turn nothing has been started yet.
  expect(await running.push('web', [Buffer.from(sample)])).toEqual({ kind: 'starting', retryAfterMs: 1_000 })
  await running.started
  const url = `${running.url}/api/v1/samples?pipeline=web`
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: sample })
  expect(answer.status).toBe(200)
})
