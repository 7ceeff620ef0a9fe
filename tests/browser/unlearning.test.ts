import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../support/browser.ts'
import { WatchedFleet } from '../support/watched-fleet.ts'

/** Periods of ten minutes. */
const DAY = 144
const INCIDENT = 8
const QUIET = 12
const METRIC = 'http_request_latency_ms'
const JUDGED = 'checkout-0'
const UNJUDGED = 'checkout-1'

/** The same incident for both hosts of the service: requests take two and a half times as long. */
const slow = (value: number, key: string) =>
  key.startsWith(METRIC) && key.includes('service="checkout"') ? value * 2.5 : value

describe('unlearning, as it is seen on the page', () => {
  let watched: WatchedFleet
  let browser: TestBrowser

  beforeAll(async () => {
    browser = await TestBrowser.launch()
    watched = await WatchedFleet.start()
    await watched.pass(INCIDENT, slow)
    await watched.pass(QUIET)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await watched?.remove()
  })

  const openHost = (host: string) => browser.openSeries(watched.url, `${METRIC} ${host}`)

  /** Says of the newest incident of the judged host, the whole of it, that it was one. */
  const judge = async () => {
    const tab = await openHost(JUDGED)
    expect(Number(await tab.page.textContent('.readout [data-figure="grade"] dd'))).toBeGreaterThan(0.5)
    // From its first period, which is selected, until it was over.
    for (let i = 0; i < INCIDENT; i++) await tab.page.click('text=End later')
    await tab.page.click('button[data-label="incident"]')
    await expect.poll(() => tab.page.textContent('.outcome')).toBe('Applied: incident.')
    // With the next period the band is that of a series that never saw the incident.
    await watched.pass(1)
    await expect.poll(() => tab.page.textContent('.effect')).toMatch(/The band went from .* to .*\./)
    return tab
  }

  it('raises again what one was told of, and takes for a habit what nobody spoke of', async () => {
    const unjudged = await openHost(UNJUDGED)
    expect(Number(await unjudged.page.textContent('.readout [data-figure="grade"] dd'))).toBeGreaterThan(0.5)
    await judge()
    // A day later the same happens again, to both; and once more on the day after.
    await watched.pass(DAY - INCIDENT - QUIET - 1)
    await watched.pass(INCIDENT, slow)
    await watched.pass(QUIET)
    const judged = await judge()
    await watched.pass(DAY - INCIDENT - QUIET - 1)
    await watched.pass(INCIDENT, slow)
    await expect.poll(() => judged.page.textContent('.effect')).toMatch(/the highest is 0\.[5-9]\d/)
    const newestRaised = async ({ page }: typeof judged) => {
      await page.click('summary')
      await page.waitForSelector('tbody tr')
      return page.locator(`table.table tbody tr:nth-child(-n+${INCIDENT}).anomalous`).count()
    }
    expect(await newestRaised(judged)).toBeGreaterThan(0)
    expect(await newestRaised(unjudged)).toBe(0)
    // The header follows: what it says of all series comes every few seconds.
    await expect.poll(() => judged.page.textContent('#pulse-text'), { timeout: 15_000 }).toContain('1 in alarm')
    await judged.page.locator('.series-head').scrollIntoViewIfNeeded()
    await judged.screenshot('unlearned')
    await unjudged.page.locator('.series-head').scrollIntoViewIfNeeded()
    await unjudged.screenshot('not-unlearned')
    expect([...judged.complaints, ...unjudged.complaints]).toEqual([])
  })
})
