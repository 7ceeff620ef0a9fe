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
