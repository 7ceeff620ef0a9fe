import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestBrowser } from '../support/browser.ts'
import { freePort } from '../support/ports.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

let browser: TestBrowser
beforeAll(async () => {
  browser = await TestBrowser.launch()
})
afterAll(() => browser.close())

it('the demo says where its page is at once, and with the first alarm where to see it', {
  timeout: 180_000,
}, async () => {
  const port = String(await freePort())
  const args = ['--import', 'tsx', 'src/main.ts', 'demo', '--embedded', '--http-port', port]
  const demo = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => demo.once('exit', resolve))
  try {
    const lines: string[] = []
    let link: string | undefined
    for await (const line of createInterface({ input: demo.stdout })) {
      lines.push(line)
      link = /^see it +(\S+)/.exec(line)?.[1]
      if (link !== undefined) break
    }
    expect(lines.slice(0, 3)).toContain(`page       http://127.0.0.1:${port}/`)
    // Nothing is news before what is an incident: a newcomer's first alarm is a true one.
    expect(lines.find((line) => /^ +ALARM /.test(line))).toMatch(/ {2}<- /)
    demo.stdout.resume()
    const { page, screenshot } = await browser.open(link ?? '')
    await page.waitForSelector('.changes .state[data-state="ALARM"]')
    expect(Number(await page.textContent('.readout [data-figure="grade"] dd'))).toBeGreaterThan(0)
    await screenshot('demo-first-alarm')
  } finally {
    demo.kill('SIGINT')
    expect(await ended).toBe(0)
  }
})
