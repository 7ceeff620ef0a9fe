import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { withModels } from '../../src/app/model-store.ts'
import { type RunningProcess, startProcess } from '../../src/app/process.ts'
import { parsePipeline } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { encodeModel } from '../../src/forecast/deepar/model-file.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import type { SeriesForecastView } from '../../src/runtime/views.ts'
import { forecastPixels, TestBrowser } from '../support/browser.ts'
import { dailySeries } from '../support/metric-series.ts'
import { trainedHourlyModel } from '../support/trained-model.ts'

const NOTHING = { variable: () => undefined, file: () => undefined }
const HOUR_MS = 3_600_000
const HOURS = 240
const HOSTS = ['a', 'b', 'c']
const LEVELS = [0.05, 0.1, 0.5, 0.9, 0.95]
const PIPELINE = `
name: web
source: { kafka: { topics: [metrics] } }
decode: { format: json, timestampUnit: ms }
period: { length: 1h, lateness: 0s }
detector: { trees: 5, sampleSize: 32 }
forecast: { horizon: 24, every: 1h, samples: 50, quantiles: [${LEVELS.join(', ')}] }
`

let stateDir = ''
let running: RunningProcess
let browser: TestBrowser

/** A model that is trained here and now is published, and the process that follows it is fed ten days. */
beforeAll(async () => {
  browser = await TestBrowser.launch()
  stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-trained-'))
  const pipeline = parsePipeline(PIPELINE, 'web.yaml', NOTHING)
  const settings = loadSettings({ httpPort: '0', stateDir }, NOTHING)
  if (!pipeline.ok) throw pipeline.error
  if (!settings.ok) throw settings.error
  const model = encodeModel(await trainedHourlyModel())
  await withModels(settings.value, silentLogger, (models) => models.publish('web', model))
  const embedded = { kind: 'push', path: '', follow: false, description: 'the test' } as const
  const options = { settings: settings.value, pipelines: [pipeline.value], embedded, logger: silentLogger }
  running = await startProcess(options)
  await running.started
  expect(await running.push('web', lines())).toMatchObject({ kind: 'taken' })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await running?.stop()
  await rm(stateDir, { recursive: true, force: true })
})

function lines(): Uint8Array[] {
  const made = dailySeries(HOSTS.length, HOURS)
  return Array.from({ length: HOURS }, (_, i) =>
    made.map(({ startMs, target }, h) => {
      const at = { timestamp: startMs + i * HOUR_MS, value: target[i] }
      return new TextEncoder().encode(JSON.stringify({ name: 'load', labels: { host: HOSTS[h] }, ...at }))
    }),
  ).flat()
}

/** What the API says of the series that the page has open. */
async function forecastOf(id: string): Promise<SeriesForecastView> {
  const answer = await fetch(`${running.url}/api/v1/series/${id}/forecast`)
  const { forecasts } = (await answer.json()) as { readonly forecasts: readonly SeriesForecastView[] }
  const [forecast] = forecasts
  if (forecast === undefined) throw new Error('the process has made no forecast')
  return forecast
}

it('shows what the process forecast by itself, with the quantiles that the API has', async () => {
  const { items } = running.app.series.list({ text: 'load host b', sort: 'key', offset: 0, limit: 1 })
  const id = items[0]?.id ?? ''
  await expect.poll(() => running.app.forecasts.forecasts(id).length, { timeout: 30_000 }).toBe(1)
  const { page, complaints, screenshot } = await browser.openSeries(running.url, 'load b')
  await page.waitForSelector('.key-forecast', { state: 'visible' })
  const panel = page.getByRole('region', { name: 'Forecast' })
  expect(await panel.textContent()).toContain('by model 1: 24 periods, 24 h')

  const forecast = await forecastOf(id)
  expect(forecast.startMs).toBe((dailySeries(1, 1)[0]?.startMs ?? 0) + (HOURS - 1) * HOUR_MS)
  expect(forecast.quantiles.map(({ level }) => level)).toEqual(LEVELS)
  const headers = ['time', 'mean', '5 %', '10 %', '50 %', '90 %', '95 %']
  expect(await panel.locator('th').allTextContents()).toEqual(headers)
  const rows = await panel.locator('tbody tr').all()
  expect(rows).toHaveLength(8)
  for (const [row, cells] of (await Promise.all(rows.map((one) => one.locator('td').allTextContents()))).entries()) {
    // Every third period, from the third on.
    const at = 3 * row + 2
    const expected = [forecast.mean, ...forecast.quantiles.map(({ values }) => values)].map((values) => values[at] ?? 0)
    // Four digits are shown.
    const shown = cells.slice(1).map(Number)
    for (const [i, value] of shown.entries()) expect(value / (expected[i] ?? 0), cells.join(' ')).toBeCloseTo(1, 3)
    expect(shown.slice(1)).toEqual(shown.slice(1).sort((a, b) => a - b))
  }
  // It learned the shape of the day: what comes is near the day before.
  const yesterday = dailySeries(HOSTS.length, HOURS)[1]?.target.slice(HOURS - 25, HOURS - 1) ?? []
  for (const [i, value] of forecast.mean.entries()) {
    expect(Math.abs(value / (yesterday[i] ?? 0) - 1), `hour ${i}`).toBeLessThan(0.35)
  }
  expect(await forecastPixels(page, 0.9, 1)).toBeGreaterThan(50)
  expect(await forecastPixels(page, 0, 0.8)).toBe(0)
  await screenshot('forecast-trained')
  expect(complaints).toEqual([])
})
