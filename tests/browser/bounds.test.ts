import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../support/browser.ts'
import { freePort } from '../support/ports.ts'
import { Tidegauge } from '../support/tidegauge.ts'
import { WatchedFleet } from '../support/watched-fleet.ts'

const HUGE = '<script>window.pwned=1</script>'.repeat(330)

describe('the page, given too much or too little', () => {
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

  it('shows a series whose name has 10 kB of markup cut and as text, wherever it stands', async () => {
    expect(HUGE.length).toBeGreaterThan(10_000)
    const { page, complaints, screenshot } = await browser.open('about:blank')
    const swell = async (path: RegExp, change: (body: { readonly items?: readonly object[] }) => void) =>
      page.route(path, async (route) => {
        const answer = await route.fetch()
        const body = await answer.json()
        change(body)
        await route.fulfill({ response: answer, json: body })
      })
    const swollen = (series: object) =>
      Object.assign(series, { name: HUGE, key: HUGE, labels: { note: HUGE, [HUGE]: 'x' } })
    await swell(/\/api\/v1\/series\?/, ({ items = [] }) => items.forEach(swollen))
    await swell(/api\/v1\/series\/[^/?]+\?/, (series) => swollen(series))
    // Without events all that is shown was asked for, and is swollen.
    await page.route('**/api/v1/events*', (route) => route.abort())
    await page.goto(watched.url)
    await page.fill('#search', 'checkout-0')
    await expect.poll(() => page.textContent('.row-name')).toContain('<script>')
    expect((await page.textContent('.row-name'))?.length).toBeLessThan(130)
    expect((await page.textContent('.row-labels'))?.length).toBeLessThan(250)
    await page.click('.row')
    await page.waitForSelector('.u-over')
    expect((await page.textContent('.series-name'))?.length).toBeLessThan(610)
    expect((await page.title()).length).toBeLessThan(120)
    expect(await page.locator('main script, .side script').count()).toBe(0)
    expect(await page.evaluate('window.pwned')).toBeUndefined()
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    const chart = await page.locator('.chart-frame').boundingBox()
    expect(chart?.y).toBeLessThan(860)
    await screenshot('huge-name')
    // The events that were cut off are in the console, and nothing else is.
    expect(complaints.filter((line) => !line.includes('ERR_FAILED'))).toEqual([])
  })

  it('shows shares of a score by input, lag and direction, as far as the detector tells', async () => {
    const { page } = await browser.open('about:blank')
    const attribution = [
      { input: 'requests', share: 0.5 },
      // Told both ways: one row, with the larger part's direction.
      { input: 'latency', lag: 0, direction: 'below', share: 0.05 },
      { input: 'latency', lag: 0, direction: 'above', share: 0.25 },
      { input: 'latency', lag: 3, direction: 'below', share: 0.2 },
    ]
    await page.route(/api\/v1\/series\/[^/]+\/points/, async (route) => {
      const answer = await route.fetch()
      const body = await answer.json()
      Object.assign(body.points.at(-1), { grade: 0.9, reason: 'anomalous_value', attribution })
      await route.fulfill({ response: answer, json: body })
    })
    await page.goto(watched.url)
    await page.fill('#search', 'http_request_latency_ms search-0')
    await expect.poll(() => page.locator('.row').count()).toBe(1)
    await page.click('.row')
    await page.waitForSelector('.shares')
    expect((await page.locator('.shares tr').allTextContents()).map((text) => text.trim())).toEqual([
      'requests50 %',
      'this period▲ too high30 %',
      '3 periods back, 30 min▼ too low20 %',
    ])
  })

  it('takes no record with such a name: it is a dead letter, and the page goes on', async () => {
    const record = JSON.stringify({ name: HUGE, timestamp: watched.nowMs, value: 1 })
    await expect(watched.push([record])).rejects.toThrow('name')
    const { page } = await browser.open(watched.url)
    await page.fill('#search', HUGE)
    expect((await page.inputValue('#search')).length).toBe(1_000)
    await expect.poll(() => page.textContent('#list-note')).toBe('No series has all of these words.')
  })

  it('opens the overview, and not an error, for an address that names no series', async () => {
    const { page, complaints } = await browser.open(`${watched.url}/#/series/${'x'.repeat(10_000)}`)
    await page.waitForSelector('.overview')
    await page.evaluate('location.hash = "#/series/AAAAAAAAAAAAAAAA"')
    await expect.poll(() => page.textContent('main h2')).toBe('This series is not shown here.')
    expect(await page.textContent('main')).toContain('This page looks for it again by itself')
    // The 404 itself is in the browser's console, and nothing else is.
    expect(complaints.filter((line) => !line.includes('404'))).toEqual([])
  })

  it('says that a thousand pages are open, and looks for news by itself instead', async () => {
    const reader = new AbortController()
    // The answers are held: a body that nobody holds is closed by the garbage collector.
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => fetch(`${watched.url}/api/v1/events`, { signal: reader.signal })),
    )
    try {
      const { page, screenshot } = await browser.open(watched.url)
      await expect.poll(() => page.textContent('#notices')).toContain('500 pages are open')
      expect(await page.textContent('#notices')).toMatch(/looks for news every \d+ s instead/)
      await page.waitForSelector('.pipeline')
      expect(await page.textContent('.pipeline')).toContain('running')
      expect(await page.getAttribute('body', 'class')).not.toBe('stale')
      await screenshot('many-pages')
    } finally {
      expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true)
      reader.abort()
    }
  })

  it('says that the data source is down, which, and that it is tried again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidegauge-down-'))
    const file = join(folder, 'down.yaml')
    await writeFile(
      file,
      'name: down\nsource: { kafka: { topics: [metrics] } }\nalarms: [{ name: odd, on: grade, threshold: 0 }]\n',
    )
    const broker = `127.0.0.1:${await freePort()}`
    const running = Tidegauge.start({ file, stateDir: join(folder, 'state'), brokers: [broker] })
    try {
      const { page, screenshot } = await browser.open(await running.url())
      await expect.poll(() => page.textContent('main'), { timeout: 20_000 }).toContain('source unreachable')
      expect(await page.textContent('.problems')).toContain(broker)
      expect(await page.getAttribute('#pulse', 'data-state')).toBe('problem')
      expect(await page.textContent('#pulse')).toContain('problem')
      expect(await page.textContent('.pipeline')).toContain('none assigned')
      await screenshot('source-down')
      // Nor does it hold up who stops it.
      expect(await running.stop(15_000)).toEqual({ code: 0, signal: null })
    } finally {
      await running.kill()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
