import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { withModels } from '../../src/app/model-store.ts'
import { startProcess } from '../../src/app/process.ts'
import { parsePipeline } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { encodeModel } from '../../src/forecast/deepar/model-file.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import { dailySeries } from '../support/metric-series.ts'
import { trainedHourlyModel } from '../support/trained-model.ts'

const NOTHING = { variable: () => undefined, file: () => undefined }
const HOUR_MS = 3_600_000
const PIPELINE = `
name: web
source: { kafka: { topics: [metrics] } }
decode: { format: json, timestampUnit: ms }
period: { length: 1h, lateness: 0s }
detector: { trees: 5, sampleSize: 32 }
band: { model: deepar, deviations: 1.5 }
forecast: { horizon: 24, every: 24h, samples: 20 }
`

let stateDir = ''
let model: Uint8Array = new Uint8Array(0)
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-models-'))
  model = encodeModel(await trainedHourlyModel())
})
afterAll(() => rm(stateDir, { recursive: true }))

const versionLine = (version: number) => `tidegauge_model_version{pipeline="web",topic="feed",partition="0"} ${version}`

/** One line a value of one hourly series with the shape of a day. */
function lines(from: number, to: number): Uint8Array[] {
  const [series] = dailySeries(1, 400)
  return Array.from({ length: to - from }, (_, i) => {
    const at = { timestamp: (series?.startMs ?? 0) + (from + i) * HOUR_MS, value: series?.target[from + i] }
    return new TextEncoder().encode(JSON.stringify({ name: 'm', labels: { host: 'a' }, ...at }))
  })
}

interface Forecast {
  readonly input: string
  readonly mean: readonly number[]
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url)).json()
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 300; i++) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error('it did not come about within 30 s')
}

async function start() {
  const pipeline = parsePipeline(PIPELINE, 'web.yaml', NOTHING)
  const settings = loadSettings({ httpPort: '0', stateDir }, NOTHING)
  if (!pipeline.ok) throw pipeline.error
  if (!settings.ok) throw settings.error
  const embedded = { kind: 'push', path: '', follow: false, description: 'http' } as const
  const options = { settings: settings.value, pipelines: [pipeline.value], embedded, logger: silentLogger }
  const running = await startProcess(options)
  await running.started
  const catalog = <T>(work: Parameters<typeof withModels<T>>[2]) => withModels(settings.value, silentLogger, work)
  return { running, catalog, metrics: async () => (await fetch(`${running.url}/metrics`)).text() }
}

async function output(topic: string): Promise<readonly Record<string, unknown>[]> {
  const folder = join(stateDir, 'embedded', 'output')
  const names = await readdir(folder, { recursive: true })
  const files = names
    .filter((name) => name.includes(topic) && name.endsWith('.jsonl'))
    .map((name) => join(folder, name))
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  )
}

/** Lines of the metric that says how many values lay in their bands, counted from the scores that were written. */
function coverageLines(scores: readonly Record<string, unknown>[]): string[] {
  const met = scores.filter((score) => score['observed'] === true && typeof score['lower'] === 'number')
  return ['seasonal-baseline', 'deepar'].flatMap((model) => {
    const own = met.filter((score) => score['model'] === model)
    const inside = own.filter(
      ({ value, lower, upper }) => Number(value) >= Number(lower) && Number(value) <= Number(upper),
    )
    const counts = { inside: inside.length, outside: own.length - inside.length }
    return Object.entries(counts).map(
      ([place, count]) => `tidegauge_band_values_total{pipeline="web",model="${model}",place="${place}"} ${count}`,
    )
  })
}

it('follows what is published, forecasts, goes back, and goes on after a restart', async () => {
  const first = await start()
  await first.running.push('web', lines(0, 100))
  expect(await first.metrics()).toContain(versionLine(0))

  expect(await first.catalog((models) => models.publish('web', model))).toBe(1)
  await until(async () => ((await first.metrics()).includes(versionLine(1)) ? true : undefined))
  await first.running.push('web', lines(100, 180))
  const scores = await output('scores')
  expect(scores.slice(0, 98).every((score) => score['model'] === 'seasonal-baseline')).toBe(true)
  expect(scores.at(-1)).toMatchObject({ model: 'deepar', state: 'TRAINED' })

  const found = (await get(`${first.running.url}/api/v1/series`)) as { items: { id: string }[] }
  const id = found.items[0]?.id
  const shown = await until(async () => {
    const answer = (await get(`${first.running.url}/api/v1/series/${id}/forecast`)) as { forecasts: Forecast[] }
    return answer.forecasts[0]
  })
  expect(shown).toMatchObject({ input: 'm', modelVersion: 1, periodMs: HOUR_MS })
  expect(shown.mean).toHaveLength(24)
  expect(shown.mean.every((value: number) => value > 0 && value < 50)).toBe(true)
  const [record] = await output('forecasts')
  expect(record).toMatchObject({ pipeline: 'web', name: 'm', periodMs: HOUR_MS, modelVersion: 1 })
  expect(Object.keys(record?.['quantiles'] as object)).toEqual(['0.1', '0.5', '0.9'])
  const page = await first.metrics()
  const counted = coverageLines(await output('scores'))
  // Values on both sides of the model's edges, or the counts would say little.
  for (const line of counted.slice(2)) expect(line).not.toMatch(/ 0$/)
  expect(page.split('\n').filter((line) => line.startsWith('tidegauge_band_values_total'))).toEqual(counted)
  // Within 1.5 deviations lie 86.6 % of a normal.
  expect(page).toMatch(/^tidegauge_band_coverage_target\{pipeline="web"\} 0\.8663855\d*$/m)
  expect(page).toMatch(/tidegauge_forecast_value\{[^}]*quantile="0.5"[^}]*horizon="1d"[^}]*\}/)
  await first.running.stop()

  // The checkpoint carries the model: without the catalog the bands would go on all the same.
  const second = await start()
  expect(await second.metrics()).toContain(versionLine(1))
  await second.running.push('web', lines(180, 200))
  expect((await output('scores')).at(-1)).toMatchObject({ model: 'deepar' })

  expect(await second.catalog((models) => models.rollback('web'))).toBeUndefined()
  await until(async () => ((await second.metrics()).includes(versionLine(0)) ? true : undefined))
  await second.running.push('web', lines(200, 220))
  expect((await output('scores')).at(-1)).toMatchObject({ model: 'seasonal-baseline' })
  await second.running.stop()
})

it('refuses a model of another period, with the reason, and goes on', async () => {
  const other = await trainedHourlyModel()
  const daily = encodeModel({ ...other, config: { ...other.config, frequency: 'D' } })
  const { running, catalog, metrics } = await start()
  await catalog((models) => models.publish('web', daily))
  await until(async () =>
    (await metrics()).includes('tidegauge_models_refused_total{pipeline="web",reason="other_period"} 1')
      ? true
      : undefined,
  )
  await running.push('web', lines(220, 240))
  expect((await output('scores')).at(-1)).toMatchObject({ model: 'seasonal-baseline' })
  await running.stop()
})
