import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegauge-main-'))
  writeFileSync(join(folder, 'bad.yaml'), 'name: bad\nsorce: {}\n')
  writeFileSync(join(folder, 'good.yaml'), 'name: good\nsource: { kafka: { topics: [metrics] } }\n')
  writeFileSync(join(folder, 'words.csv'), 'timestamp,value\nyesterday,many\n')
  writeFileSync(join(folder, 'noise.model'), 'not a model')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The command line as a process whose output goes to pipes, on a terminal or not by what the environment says. */
function tidegauge(...args: readonly string[]) {
  const { FORCE_COLOR: _force, NO_COLOR: _none, KAFKA_BROKERS: _brokers, ...env } = process.env
  return spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/main.ts', ...args.map((arg) => arg.replace('@', folder))],
    {
      cwd: ROOT,
      env,
      encoding: 'utf8',
      timeout: 50_000,
    },
  )
}

const FAILURES: readonly (readonly [what: string, code: number, args: readonly string[], says: RegExp])[] = [
  ['a command that there is not', 2, ['serve'], /unknown command/],
  ['an option that there is not', 2, ['check', '--jsno'], /unknown option.*\n?.*--json/],
  ['a pipeline file with a mistake', 2, ['run', '@/bad.yaml'], /bad\.yaml:2:1: sorce/],
  ['an option that is missing', 2, ['feedback', 'incident'], /--pipeline/],
  ['data that are none', 3, ['backtest', '@/words.csv', '--out', '@/out'], /words\.csv/],
  [
    'a model file that is none',
    4,
    ['models', 'publish', '@/noise.model', '--pipeline', 'p', '--state-dir', '@/s'],
    /noise\.model/,
  ],
  ['brokers that do not answer', 5, ['topics', '@/good.yaml', '--brokers', '127.0.0.1:9'], /127\.0\.0\.1:9/],
  [
    'a process that is not there',
    7,
    [
      'feedback',
      'incident',
      '--pipeline',
      'p',
      '--series',
      's',
      '--from',
      '1',
      '--to',
      '2',
      '--url',
      'http://127.0.0.1:9',
    ],
    /no process answers/,
  ],
]

describe('the process', () => {
  it.each(FAILURES)('ends for %s with exit code %d, says so on stderr alone, without colour', (_, code, args, says) => {
    const run = tidegauge(...args)
    expect(run.status, run.stderr).toBe(code)
    expect(run.stderr).toMatch(says)
    expect(run.stdout).toBe('')
    expect(run.stderr).not.toContain('\u001b')
  })

  it('tells errors as JSON to whoever asked for JSON', () => {
    const run = tidegauge('backtest', '@/words.csv', '--out', '@/out', '--json')
    expect(run.status).toBe(3)
    expect(JSON.parse(run.stderr)).toMatchObject({ error: { code: 'INPUT_INVALID', exitCode: 3 } })
    expect(run.stdout).toBe('')
  })

  it('runs a file to its end, and tells a machine where it listened and how it ended', () => {
    const record = JSON.stringify({ name: 'cpu', labels: { host: 'a' }, timestamp: 1_700_000_000_000, value: 1 })
    writeFileSync(join(folder, 'samples.jsonl'), `${record}\n`)
    const where = ['--state-dir', '@/state', '--http-port', '0', '--log-level', 'error']
    const run = tidegauge('run', '@/good.yaml', '--embedded', '--input', '@/samples.jsonl', '--json', ...where)
    expect(run.status, run.stderr).toBe(0)
    expect(run.stderr).toBe('')
    const lines = run.stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: 'listening', url: expect.stringMatching(/^http:/), pipelines: ['good'] },
      { event: 'stopped', pipelines: [{ name: 'good', state: 'running', series: expect.any(Number), lag: 0 }] },
    ])
  })

  it('ends with 0 for help and for the version, on stdout and without colour', () => {
    const help = tidegauge('run', '--help')
    expect([help.status, help.stderr]).toEqual([0, ''])
    expect(help.stdout).toContain('Examples:')
    expect(help.stdout).not.toContain('\u001b')
    const version = tidegauge('--version')
    expect([version.status, version.stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
  })
})

describe('tidegauge check', () => {
  it('ends with 0 and one line a file when all is right', () => {
    const { status, stdout, stderr } = tidegauge(
      'check',
      'pipelines/host-metrics.yaml',
      'pipelines/checkout-composite.yaml',
    )
    expect(stderr).toBe('')
    expect(stdout.split('\n').slice(0, -1)).toEqual([
      expect.stringMatching(/^pipelines\/host-metrics\.yaml: ok: host-metrics: topic metrics as /),
      expect.stringMatching(/^pipelines\/checkout-composite\.yaml: ok: checkout-composite: .* 4 alarms, 1 composite/),
    ])
    expect(status).toBe(0)
  })

  it('ends with 2 and tells all that is wrong at once', () => {
    const file = join(folder, 'broken.yaml')
    writeFileSync(file, 'name: t\nsource: { kafka: { topic: [metrics] } }\nperiod: { length: 5 }\n')
    const { status, stdout } = tidegauge('check', file)
    expect(stdout).toContain(`${file}:2:20: source.kafka.topic: unknown key (did you mean "topics"?)\n`)
    expect(stdout).toContain('3 problems\n')
    expect(status).toBe(2)
  })

  it('runs the test beside a file', () => {
    const { status, stdout } = tidegauge('check', '--test', 'pipelines/checkout-composite.yaml')
    expect(stdout).toMatch(/^(.*: ok\n)+$/)
    expect(status).toBe(0)
  })

  it('says on stderr, in one line, what stops it', () => {
    const { status, stdout, stderr } = tidegauge('check')
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^check: no file was named .*\n$/)
  })
})

it('ends quietly when its reader has seen enough', () => {
  const command = `"${process.execPath}" --import tsx src/main.ts schema pipeline | head -c 1`
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '{', stderr: '' })
})
