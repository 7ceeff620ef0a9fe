import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const directory = mkdtempSync(join(tmpdir(), 'tidegauge-main-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** The command as a person runs it. */
function tidegauge(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'src/main.ts'), ...args], { cwd: ROOT })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

describe('tidegauge check', () => {
  it('ends with 0 and one line a file when all is right', async () => {
    const { code, stdout, stderr } = await tidegauge(
      'check',
      'pipelines/host-metrics.yaml',
      'pipelines/checkout-composite.yaml',
    )
    expect(stderr).toBe('')
    expect(stdout.split('\n').slice(0, -1)).toEqual([
      expect.stringMatching(/^pipelines\/host-metrics\.yaml: ok: host-metrics: topic metrics as /),
      expect.stringMatching(/^pipelines\/checkout-composite\.yaml: ok: checkout-composite: .* 4 alarms, 1 composite/),
    ])
    expect(code).toBe(0)
  })

  it('ends with 2 and tells all that is wrong at once', async () => {
    const file = join(directory, 'broken.yaml')
    writeFileSync(file, 'name: t\nsource: { kafka: { topic: [metrics] } }\nperiod: { length: 5 }\n')
    const { code, stdout } = await tidegauge('check', file)
    expect(stdout).toContain(`${file}:2:20: source.kafka.topic: unknown key (did you mean "topics"?)\n`)
    expect(stdout).toContain('3 problems\n')
    expect(code).toBe(2)
  })

  it('runs the test beside a file', async () => {
    const { code, stdout } = await tidegauge('check', '--test', 'pipelines/checkout-composite.yaml')
    expect(stdout).toMatch(/^(.*: ok\n)+$/)
    expect(code).toBe(0)
  })

  it('says on stderr, in one line, what stops it', async () => {
    const { code, stdout, stderr } = await tidegauge('check')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^check: no file was named .*\n$/)
  })
})
