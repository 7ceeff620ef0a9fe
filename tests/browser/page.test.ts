import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../support/browser.ts'
import { WatchedFleet } from '../support/watched-fleet.ts'

/** Latency of checkout, on the host whose incident a person judges. */
const JUDGED = 'http_request_latency_ms checkout-0'
/** In periods of ten minutes. */
const DAY = 144
const slow = (value: number, key: string) => (/^http_request_latency_ms.*checkout-0/.test(key) ? value * 2.5 : value)

describe('the page', () => {
  let watched: WatchedFleet
  let browser: TestBrowser

  beforeAll(async () => {
    browser = await TestBrowser.launch()
    watched = await WatchedFleet.start()
    await watched.pass(6, slow)
    await watched.pass(20)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await watched?.remove()
  })

  const openSeries = (words: string, options = {}) => browser.openSeries(watched.url, words, options)
  const figure = (name: string) => `.readout [data-figure="${name}"] dd`

  it('finds a series by words, opens it, and shows the anomaly and what it consists of', async () => {
    const { page, complaints, screenshot } = await openSeries(JUDGED)
    expect(await page.textContent('.series-name')).toBe('http_request_latency_ms')
    expect(await page.textContent('.labels')).toContain('checkout-0')
    expect(Number(await page.textContent(figure('grade')))).toBeGreaterThan(0)
    expect(Number(await page.textContent(figure('value')))).toBeGreaterThan(
      Number((await page.textContent(figure('band')))?.split(' … ')[1]),
    )
    expect(await page.locator('.shares tr').count()).toBeGreaterThan(0)
    expect(await page.textContent('.shares')).toContain('too high')
    expect(await page.textContent('.selected')).toContain('highest grade')
    expect(await page.locator('.changes .state[data-state="ALARM"]').count()).toBeGreaterThan(0)
    await screenshot('series-light')
    await page.click('summary')
    await expect.poll(() => page.locator('tr.anomalous').count()).toBeGreaterThan(0)
    expect(complaints).toEqual([])
  })

  it('takes a verdict, and shows how what comes after it is judged', async () => {
    const { page, complaints, screenshot } = await openSeries(JUDGED)
    for (let i = 0; i < 4; i++) await page.click('text=End later')
    await page.click('button[data-label="incident"]')
    await expect.poll(() => page.textContent('.outcome')).toBe('Applied: incident.')
    expect(await page.textContent('.effect')).toMatch(/It had grade 0\.\d\d; what comes next is judged by it/)
    await watched.pass(DAY - 20)
    await expect.poll(() => page.textContent('.effect')).toMatch(/in the \d+ periods since then the highest is 0/)
    await page.locator('.verdict-buttons').scrollIntoViewIfNeeded()
    await screenshot('after-feedback')
    expect(complaints).toEqual([])
  })

  it('says why a verdict was not taken', async () => {
    const { page } = await openSeries('http_errors_percent search-0')
    await page.click('button[data-label="incident"]')
    expect(await page.textContent('.outcome')).toContain('Select a range first')
    await page.route('**/api/v1/feedback', (route) => route.abort())
    await page.click('text=End later')
    await page.click('button[data-label="incident"]')
    await expect.poll(() => page.textContent('.outcome')).toContain('Not applied')
  })

  it('selects a range by dragging over the chart', async () => {
    const { page } = await openSeries('http_errors_percent search-1')
    const box = await page.locator('.chart-values .u-over').boundingBox()
    if (box === null) throw new Error('the chart has no place')
    await page.mouse.move(box.x + box.width * 0.3, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 5 })
    await page.mouse.up()
    expect(await page.textContent('.selected')).toMatch(/\(\d\d periods, \d+ h\)/)
    await page.keyboard.press('Escape')
    expect(await page.textContent('.selected')).toBe('Nothing is selected.')
  })

  it('shows points and alarms as they come', async () => {
    const { page } = await openSeries('process_cpu_usage_percent cart-0')
    const before = await page.textContent(figure('time'))
    await watched.pass(1)
    await expect.poll(() => page.textContent(figure('time'))).not.toBe(before)
    await watched.pass(3, (value, key) => (key.startsWith('process_cpu') && key.includes('cart-0') ? 97 : value))
    await expect.poll(() => page.locator('.changes .state[data-state="ALARM"]').count()).toBeGreaterThan(0)
    expect(await page.textContent('#notices')).toContain('became anomalous')
  })

  it('shows markup as text, and long names within bounds', async () => {
    const name = `<img/src/onerror><b>${'x'.repeat(480)}</b>`
    const labels = { note: `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>${'y'.repeat(900)}` }
    await watched.push(
      [0, 1, 2].map((i) => JSON.stringify({ name, labels, timestamp: watched.nowMs + i * 600_000, value: i })),
    )
    const { page, complaints, screenshot } = await openSeries('onerror pwned')
    expect(await page.textContent('.series-name')).toBe(name)
    expect(await page.textContent('.labels')).toContain(labels.note)
    expect(await page.locator('main img, main b, main script, .side img, .side script').count()).toBe(0)
    expect(await page.evaluate('window.pwned')).toBeUndefined()
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await screenshot('long-names')
    expect(complaints).toEqual([])
  })

  it('is used with the keyboard alone', async () => {
    const { page } = await browser.open(watched.url)
    await page.waitForSelector('.row')
    await page.keyboard.press('?')
    expect(await page.locator('#help').isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    expect(await page.locator('#help').isVisible()).toBe(false)
    await page.keyboard.press('/')
    await page.keyboard.type('http_request_latency_ms checkout')
    await expect.poll(() => page.locator('.row').count()).toBe(2)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.u-over')
    const opened = page.url()
    expect(opened).toContain('#/series/')
    await page.keyboard.press('Escape')
    expect(await page.textContent('.selected')).toBe('Nothing is selected.')
    await page.keyboard.press('n')
    expect(await page.textContent('.selected')).toContain('grade')
    await page.focus('.chart-frame')
    await page.keyboard.press('End')
    await page.keyboard.press('Shift+ArrowLeft')
    expect(await page.textContent('.selected')).toMatch(/\(\d+ periods/)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('.overview').count()).toBe(1)
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe(new URL(opened).hash)
  })

  it('fits a phone, and a dark room', async () => {
    const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
    const small = await openSeries(JUDGED, { ...phone, colorScheme: 'dark' })
    expect(await small.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(await small.page.locator('.side').isVisible()).toBe(false)
    await small.screenshot('series-phone-dark')
    await small.page.tap('.back')
    await small.page.waitForSelector('.overview')
    expect(await small.page.locator('.side').isVisible()).toBe(true)
    await small.screenshot('overview-phone-dark')
    const dark = await openSeries(JUDGED, { colorScheme: 'dark' })
    const colour = await dark.page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(colour).toBe('rgb(14, 19, 24)')
    await dark.screenshot('series-dark')
  })

  it('says that the process is gone, and goes on with the next one', async () => {
    const { page, screenshot } = await openSeries(JUDGED)
    const startAgain = await watched.stop()
    await expect.poll(() => page.textContent('#notices'), { timeout: 10_000 }).toContain('No connection since')
    expect(await page.getAttribute('body', 'class')).toContain('stale')
    await screenshot('not-connected')
    await startAgain()
    await watched.pass(6)
    await expect.poll(() => page.textContent('#notices'), { timeout: 20_000 }).toContain('Tidegauge was restarted')
    expect(await page.getAttribute('body', 'class')).not.toContain('stale')
    expect(await page.textContent('#notices')).not.toContain('No connection')
    await page.getByRole('button', { name: 'Reload' }).click()
    await page.waitForSelector('.u-over')
    expect(await page.textContent('#notices')).toBe('')
  })
})
