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

  it('ends with 2 and tells all that is wrong, as text and as JSON', async () => {
    const file = join(directory, 'broken.yaml')
    writeFileSync(file, 'name: t\nsource: { kafka: { topic: [metrics] } }\nperiod: { length: 5 }\n')
    const [text, json] = await Promise.all([tidegauge('check', file), tidegauge('check', '--json', file)])
    expect(text.code).toBe(2)
    expect(text.stdout).toContain(`${file}:2:20: source.kafka.topic: unknown key (did you mean "topics"?)\n`)
    expect(text.stdout).toContain('3 problems\n')
    expect(json.code).toBe(2)
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, problems: [{}, {}, {}] })
  })

  it('runs the test beside a file', async () => {
    const { code, stdout } = await tidegauge('check', '--test', 'pipelines/checkout-composite.yaml')
    expect(stdout).toMatch(/^(.*: ok\n)+$/)
    expect(code).toBe(0)
  })

  it('says on stderr what is wrong with the arguments', async () => {
    const [none, unknown] = await Promise.all([tidegauge('check'), tidegauge('chekc')])
    expect(none).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^check: no file was named .*\n$/),
    })
    expect(unknown).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('check') })
  })
})
