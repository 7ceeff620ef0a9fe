import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PROGRESS = pathToFileURL(join(ROOT, 'src/cli/progress.ts')).href
const MINUTES = 400

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegauge-progress-'))
  const sample = (i: number) =>
    JSON.stringify({ name: 'm', labels: { host: `h${i % 20}` }, timestamp: 60_000 * Math.floor(i / 20), value: i % 7 })
  const samples = Array.from({ length: 20 * MINUTES }, (_, i) => `${sample(i)}\n`)
  writeFileSync(join(folder, 'samples.jsonl'), samples.join(''))
  writeFileSync(
    join(folder, 'load.yaml'),
    `
name: load
source: { kafka: { topics: [m] } }
decode: { format: json, timestampUnit: ms }
period: { length: 1m, lateness: 0s }
detector: { trees: 5, sampleSize: 32 }
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Shown {
  /** What a person saw: stderr, and stdout where it was not sent elsewhere. */
  readonly screen: string
  readonly stdout: string
  readonly status: number | null
}

/** Runs a command of the shell on a terminal of its own; its stdout goes to a file. */
function onTerminal(command: string): Shown {
  const out = join(folder, 'stdout')
  const args = ['-qec', `${command} > ${out}`, '/dev/null']
  const run = spawnSync('script', args, { cwd: ROOT, encoding: 'utf8', input: '', timeout: 60_000 })
  return { screen: run.stdout, stdout: readFileSync(out, 'utf8'), status: run.status }
}

const runOn = (state: string) =>
  [
    `${process.execPath} --import tsx src/main.ts run ${join(folder, 'load.yaml')} --embedded`,
    `--input ${join(folder, 'samples.jsonl')} --http-port 0 --state-dir ${join(folder, state)} --json`,
  ].join(' ')

/** The last line of the answer: how it ended. */
const ended = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '')

describe('progress', () => {
  it('is a bar with the time left on a terminal, and leaves stdout to the answer', () => {
    const { screen, stdout, status } = onTerminal(runOn('terminal'))
    expect(status, screen).toBe(0)
    expect(screen).toMatch(/\d+ % of 0\.\d MB, \d+s left {2}load/)
    expect(screen).toContain('100 % of 0.')
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).event),
    ).toEqual(['listening', 'stopped'])
    expect(ended(stdout).pipelines).toMatchObject([{ name: 'load', series: 20 }])
  })

  it('is nothing in a pipe', () => {
    const run = spawnSync('sh', ['-c', runOn('pipe')], { cwd: ROOT, encoding: 'utf8', timeout: 60_000 })
    expect(run.status, run.stderr).toBe(0)
    const lines = run.stderr.trim().split('\n')
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg')
    expect(stripVTControlCharacters(run.stderr)).toBe(run.stderr)
    expect(ended(run.stdout).pipelines).toMatchObject([{ name: 'load', series: 20 }])
  })

  it('keeps what is written meanwhile on lines of its own', () => {
    const program = `
      import { startProgress } from ${JSON.stringify(PROGRESS)}
      const progress = startProgress(3, 'steps')
      for (const step of ['one', 'two', 'three']) {
        progress.advance(step)
        progress.write('line of ' + step + '\\n')
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
      progress.stop()
      progress.write('the end\\n')`
    writeFileSync(join(folder, 'steps.mjs'), program)
    const { screen } = onTerminal(`${process.execPath} --import tsx ${join(folder, 'steps.mjs')}`)
    // What a terminal makes of it: a line begins anew, and what was drawn there is erased.
    const lines = screen.split('\n').map((line) => stripVTControlCharacters(line.split('\r\u001b[K').at(-1) ?? ''))
    expect(lines.map((line) => line.trim()).filter((line) => !line.includes('steps') && line !== '')).toEqual([
      'line of one',
      'line of two',
      'line of three',
      'the end',
    ])
    expect(screen).toContain('3/3 steps, 0s left  three')
  })
})
