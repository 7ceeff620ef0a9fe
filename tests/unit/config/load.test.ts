import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ConfigEnvironment } from '../../../src/config/interpolate.ts'
import { loadPipeline, loadPipelines, parsePipeline, processEnvironment } from '../../../src/config/load.ts'
import type { PipelineConfig } from '../../../src/config/schema/pipeline.ts'

const CASES = join(import.meta.dirname, 'fixtures')

const VARIABLES: Readonly<Record<string, string>> = {
  HOOK_URL: 'https://hooks.example.org/tidegauge',
  TOKEN: 'abc: {not yaml}',
  NUMBER: '12',
  EMPTY: '',
}
const FILES: Readonly<Record<string, string>> = {
  '/run/secrets/hook': `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}\n`,
}
const ENVIRONMENT: ConfigEnvironment = { variable: (name) => VARIABLES[name], file: (path) => FILES[path] }

function parse(text: string): PipelineConfig {
  const result = parsePipeline(text, 'test.yaml', ENVIRONMENT)
  if (!result.ok) throw result.error
  return result.value
}

/** A case's first lines say what is expected of it: `# ok`, or one `# expect LINE:COL: PATH: MESSAGE` a problem. */
function caseOf(file: string) {
  const text = readFileSync(join(CASES, file), 'utf8')
  const lines = text.split('\n')
  return {
    text,
    isValid: lines[0] === '# ok',
    expected: lines.filter((line) => line.startsWith('# expect ')).map((line) => line.slice('# expect '.length)),
  }
}

describe('pipeline files', () => {
  const files = readdirSync(CASES).filter((file) => file.endsWith('.yaml'))

  it.each(files)('%s', (file) => {
    const { text, isValid, expected } = caseOf(file)
    const result = parsePipeline(text, 'f', ENVIRONMENT)
    const found = result.ok ? [] : result.error.message.split('\n').map((line) => line.replace(/^f:( ?)/, ''))
    expect(found).toEqual(expected)
    expect(result.ok).toBe(isValid)
  })
})

const SMALLEST = 'name: t\nsource: { kafka: { topics: [metrics] } }\n'

describe('a pipeline that was read', () => {
  it('has every default, durations in milliseconds, and a group made of its name', () => {
    const config = parse(SMALLEST)
    expect(config.source.kafka).toEqual({
      topics: ['metrics'],
      group: 'tidegauge-t',
      rekey: false,
      from: { kind: 'rewind', durationMs: 14 * 86_400_000 },
    })
    expect(config.period.length).toBe(60_000)
    expect(config.alarms).toEqual([])
    expect(config.sinks.scores).toEqual({ topic: 'tidegauge.scores', enabled: true })
  })

  it('is frozen to its leaves', () => {
    const config = parse(`${SMALLEST}alarms: [{ name: a, on: grade, match: { host: x } }]\n`)
    expect(() => Object.assign(config.alarms[0]?.match ?? {}, { host: 'y' })).toThrow(TypeError)
    expect(() => Object.assign(config.source.kafka.from, { kind: 'latest' })).toThrow(TypeError)
    expect(Object.isFrozen(config.alarms)).toBe(true)
  })

  it('takes numbers and booleans out of unquoted references, and text out of quoted ones', () => {
    const text = `${SMALLEST}detector: { trees: 10 }\nexpose:\n  seriesLimit: \${NUMBER}\ncommit:\n  records: \${UNSET:-500}\n`
    const config = parse(text)
    expect(config.expose.seriesLimit).toBe(12)
    expect(config.commit.records).toBe(500)
    const quoted = parsePipeline(`${SMALLEST}expose: { seriesLimit: '\${NUMBER}' }\n`, 'f', ENVIRONMENT)
    expect(quoted.ok ? '' : quoted.error.message).toContain('expected a number, found "12"')
  })

  it('never reads as YAML what a reference gives', () => {
    const text = `${SMALLEST}notify:\n  - { name: a, webhook: { url: 'https://example.org', headers: { x: '\${TOKEN}' } } }\n`
    expect(parse(text).notify[0]?.webhook.headers).toEqual({ x: 'abc: {not yaml}' })
  })
})

describe('files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidegauge-config-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  const file = (name: string, text: string) => {
    const path = join(directory, name)
    writeFileSync(path, text)
    return path
  }

  it('names a file that is not there', () => {
    const result = loadPipeline('/nowhere/p.yaml', ENVIRONMENT)
    expect(result.ok ? '' : result.error.describe()).toBe('/nowhere/p.yaml: the file cannot be read (correct the path)')
  })

  it('reads secrets from files and variables from the process', () => {
    const secret = file('secret', `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`)
    const webhook = `{ url: '\${URL:-https://example.org}', secret: '\${file:${secret}}' }`
    const path = file('secret.yaml', `${SMALLEST}notify: [{ name: a, webhook: ${webhook} }]\n`)
    const result = loadPipeline(path, processEnvironment({}))
    if (!result.ok) throw result.error
    expect(result.value.notify[0]?.webhook.secret).toBe(`whsec_${Buffer.alloc(32, 7).toString('base64')}`)
  })

  it('refuses two pipelines of one name, two of one group, and tells of every broken file', () => {
    const one = file('one.yaml', SMALLEST)
    const same = file('same.yaml', SMALLEST)
    const group = file('group.yaml', 'name: u\nsource: { kafka: { topics: [metrics], group: tidegauge-t } }\n')
    const broken = file('broken.yaml', 'name: v\n')
    const result = loadPipelines([one, same, group, broken], ENVIRONMENT)
    const messages = result.ok ? [] : result.error.message.split('\n')
    expect(messages).toEqual([
      `${broken}:1:1: source: is required (give a mapping)`,
      `${group}: source.kafka.group: "tidegauge-t" is also the group of ${one}: they would take records from each other (rename one)`,
      `${same}: name: "t" is also the name in ${one} (rename one)`,
    ])
  })

  it('reads several that go together', () => {
    const result = loadPipelines(
      [file('a.yaml', SMALLEST), file('b.yaml', SMALLEST.replace('name: t', 'name: u'))],
      ENVIRONMENT,
    )
    expect(result.ok && result.value.map((config) => config.name)).toEqual(['t', 'u'])
  })
})
