import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadPipelineTest } from '../../../src/config/load-test.ts'

const directory = mkdtempSync(join(tmpdir(), 'tidegauge-load-test-'))
afterAll(() => rmSync(directory, { recursive: true }))

const PIPELINE = `name: t\nsource: { kafka: { topics: [metrics] } }\nnotify: [{ name: ops, webhook: { url: '\${URL}' } }]\n`

let files = 0
function load(test: string | undefined) {
  const path = join(directory, `p${files++}.yaml`)
  writeFileSync(path, PIPELINE)
  if (test !== undefined) writeFileSync(path.replace('.yaml', '.test.yaml'), test)
  const result = loadPipelineTest(path)
  return { result, lines: result.ok ? [] : result.error.message.replaceAll(directory, '').split('\n') }
}

const ENVIRONMENT = 'environment: { URL: https://example.org }\n'

describe('the test beside a pipeline file', () => {
  it('gives the pipeline its environment', () => {
    const { result } = load(`${ENVIRONMENT}tests: [{ name: a, expect: {} }]\n`)
    expect(result.ok && result.value.config.notify[0]?.webhook.url).toBe('https://example.org')
  })

  it('is the only environment that the pipeline has', () => {
    expect(load('tests: [{ name: a, expect: {} }]\n').lines).toEqual([
      expect.stringContaining('the environment variable URL is not set'),
    ])
  })

  it('must be there', () => {
    expect(load(undefined).lines).toEqual([expect.stringMatching(/\.test\.yaml: the test cannot be read/)])
  })

  it('reads series, values and times', () => {
    const { result } = load(
      `${ENVIRONMENT}tests:
  - name: a
    input: [{ series: 'up{host="a\\"b",job="x, y"}', values: 1 _*2 2+1*3, offset: 5s }]
    expect: { transitions: [{ at: 1h..2h, alarm: x, series: up, to: OK }] }
`,
    )
    if (!result.ok) throw result.error
    const [one] = result.value.test.tests
    expect(one?.input[0]?.series).toMatchObject({ name: 'up', labels: { host: 'a"b', job: 'x, y' } })
    expect(one?.input[0]?.values.map(({ count }) => count)).toEqual([1, 2, 3])
    expect(one?.expect.transitions[0]?.at).toEqual({ fromMs: 3_600_000, toMs: 7_200_000 })
    expect(one?.start).toBe(Date.UTC(2026, 2, 2))
  })

  it('says what is wrong in it, and where', () => {
    const { lines } = load(`tests:
  - name: a
    start: yesterday
    input: [{ series: 'up{host=a}', values: 1 to 5 }]
    expect: { transitions: [{ at: 2h..1h, alarm: x, series: up, to: BROKEN }], tolds: [] }
`)
    expect(lines.map((line) => line.replace(/^[^:]*:/, ''))).toEqual([
      '3:5: tests[0].start: "yesterday" is not an instant (as in: 2026-03-02T00:00:00Z)',
      '4:15: tests[0].input[0].series: "up{host=a}" is not a series (as in: up{host="web-1"})',
      '4:37: tests[0].input[0].values: "to" is not a piece of values (5, 5*10, 5+2*10, 30~10/1d*1440, _*5)',
      '5:31: tests[0].expect.transitions[0].at: "2h..1h" is no time since the start (2h, or a range: 2h..2h5m)',
      '5:65: tests[0].expect.transitions[0].to: "BROKEN" is not known (one of: OK, ALARM, INSUFFICIENT_DATA)',
      '5:80: tests[0].expect.tolds: unknown key (did you mean "told"?)',
    ])
  })
})
