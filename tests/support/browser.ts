import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

/** A browser on a machine without a screen, that asks nobody outside for anything. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Where the screenshots of a test run are: to be looked at. */
const SCREENSHOTS = join(tmpdir(), 'tidegauge-page')

export interface Tab {
  readonly page: Page
  /** What the page threw, and what the browser complained of: a script that was blocked, say. */
  readonly complaints: readonly string[]
  screenshot(name: string): Promise<void>
}

/** Debian's Chromium, driven by playwright. */
export class TestBrowser {
  readonly #browser: Browser

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async launch(): Promise<TestBrowser> {
    mkdirSync(SCREENSHOTS, { recursive: true })
    return new TestBrowser(await chromium.launch({ executablePath: '/usr/bin/chromium', args: QUIET }))
  }

  async open(url: string, options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await this.#browser.newContext({ viewport: { width: 1360, height: 860 }, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => {
      if (line.type() === 'error') complaints.push(line.text())
    })
    await page.goto(url)
    return {
      page,
      complaints,
      screenshot: async (name) => {
        await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
      },
    }
  }

  /** Opens the page, searches the words, and opens the one series that has them. */
  async openSeries(url: string, words: string, options: BrowserContextOptions = {}): Promise<Tab> {
    const tab = await this.open(url, options)
    await tab.page.fill('#search', words)
    await expect.poll(() => tab.page.locator('.row').count()).toBe(1)
    await tab.page.click('.row')
    await tab.page.waitForSelector('.u-over')
    return tab
  }

  close(): Promise<void> {
    return this.#browser.close()
  }
}

/** How many pixels of the chart have the forecast's own colour, in this share of its width. */
export function forecastPixels(page: Page, from: number, to: number): Promise<number> {
  return page.evaluate(`(${COUNT_PIXELS})(${from}, ${to})`)
}

const COUNT_PIXELS = `(from, to) => {
  const canvas = document.querySelector('.chart-values canvas')
  const over = document.querySelector('.chart-values .u-over').getBoundingClientRect()
  const box = canvas.getBoundingClientRect()
  const scale = canvas.width / box.width
  const left = Math.round((over.left - box.left + over.width * from) * scale)
  const width = Math.round(over.width * (to - from) * scale)
  const { data } = canvas.getContext('2d').getImageData(left, 0, width, canvas.height)
  const colour = getComputedStyle(document.documentElement).getPropertyValue('--forecast')
  const [r, g, b] = colour.match(/[0-9a-f]{2}/g).map((x) => parseInt(x, 16))
  let count = 0
  for (let i = 0; i < data.length; i += 4) {
    if (Math.abs(data[i] - r) < 8 && Math.abs(data[i + 1] - g) < 8 && Math.abs(data[i + 2] - b) < 8) count++
  }
  return count
}`
