import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forecastPixels, TestBrowser } from '../support/browser.ts'
import { WatchedFleet } from '../support/watched-fleet.ts'

const PERIOD_MS = 600_000
const WORDS = 'http_requests_per_second checkout-0'

describe('the forecast on the page', () => {
  let watched: WatchedFleet
  let browser: TestBrowser

  beforeAll(async () => {
    browser = await TestBrowser.launch()
    watched = await WatchedFleet.start()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await watched?.remove()
  })

  const open = (options = {}) => browser.openSeries(watched.url, WORDS, options)

  /** Puts a forecast on the process's board, as its forecaster does: the last day again, with a fan that opens. */
  function forecast(periods: number): void {
    const [series] = watched.app.series.list({ text: WORDS, sort: 'key', offset: 0, limit: 1 }).items
    if (series === undefined) throw new Error('the fleet has no such series')
    const everything = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
    const points = watched.app.series.points(series.id, everything, 144) ?? []
    const mean = Array.from({ length: periods }, (_, i) => points[i % points.length]?.inputs[0]?.expected ?? 0)
    const quantile = (level: number) => ({
      level,
      values: mean.map((value, i) => value * (1 + (level - 0.5) * (0.2 + 0.6 * Math.min(1, i / 144)))),
    })
    watched.app.forecasts.show('shop', series.key, {
      input: series.inputs[0] ?? '',
      modelVersion: 3,
      startMs: watched.nowMs,
      periodMs: PERIOD_MS,
      mean,
      quantiles: [0.1, 0.25, 0.5, 0.75, 0.9].map(quantile),
    })
  }

  it('is not shown where there is none', async () => {
    const { page, complaints } = await open()
    expect(await page.getByRole('region', { name: 'Forecast' }).count()).toBe(0)
    expect(await page.locator('.key-forecast').isVisible()).toBe(false)
    expect(await forecastPixels(page, 0, 1)).toBe(0)
    expect(complaints).toEqual([])
  })

  it('is a fan after the newest point, and a table of its quantiles', async () => {
    forecast(72)
    const { page, complaints, screenshot } = await open()
    await page.waitForSelector('.key-forecast', { state: 'visible' })
    const panel = page.getByRole('region', { name: 'Forecast' })
    expect(await panel.textContent()).toContain('by model 3: 72 periods, 12 h')
    expect(await panel.locator('th').allTextContents()).toEqual([
      'time',
      'mean',
      '10 %',
      '25 %',
      '50 %',
      '75 %',
      '90 %',
    ])
    expect(await panel.locator('tbody tr').count()).toBe(8)
    expect(await forecastPixels(page, 0.8, 1)).toBeGreaterThan(50)
    expect(await forecastPixels(page, 0, 0.7)).toBe(0)
    await screenshot('forecast-light')
    const dark = await open({ colorScheme: 'dark' })
    await dark.page.waitForSelector('.key-forecast', { state: 'visible' })
    await dark.screenshot('forecast-dark')
    expect([...complaints, ...dark.complaints]).toEqual([])
  })

  it('takes no more than its share of the chart, however far it goes', async () => {
    forecast(10_000)
    const { page } = await open()
    await page.waitForSelector('.key-forecast', { state: 'visible' })
    expect(await page.getByRole('region', { name: 'Forecast' }).textContent()).toContain('10000 periods, 69 d')
    expect(await forecastPixels(page, 0, 0.6)).toBe(0)
    expect(await forecastPixels(page, 0.7, 1)).toBeGreaterThan(50)
  })
})
