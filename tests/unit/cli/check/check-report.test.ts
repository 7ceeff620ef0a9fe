import { describe, expect, it } from 'vitest'
import { checkReport, checkText } from '../../../../src/cli/check/check-report.ts'
import { parsePipeline } from '../../../../src/config/load.ts'
import { err, ok } from '../../../../src/core/result.ts'

const environment = { variable: () => undefined, file: () => undefined }

function load(text: string) {
  const result = parsePipeline(text, 'p.yaml', environment)
  return result.ok ? ok([result.value]) : err(result.error)
}

describe('the report of check', () => {
  it('sums up files that are right', () => {
    const report = checkReport(
      ['p.yaml'],
      load('name: t\nsource: { kafka: { topics: [a, b] } }\nperiod: { length: 5m }\n'),
    )
    expect(report).toMatchObject({
      ok: true,
      problems: [],
      pipelines: [{ name: 't', topics: ['a', 'b'], period: '5m' }],
    })
    expect(checkText(report)).toBe(
      'p.yaml: ok: t: topics a, b as tidegauge-t, period 5m, 0 alarms, 0 composites, 0 channels\n',
    )
  })

  it('lists every problem with its place, in the order of the text, and counts them', () => {
    const report = checkReport(['p.yaml'], load('name: t\nsorce: {}\nperiod: { length: 5 }\n'))
    expect(report.ok).toBe(false)
    expect(report.problems.map(({ line, column, path }) => [line, column, path])).toEqual([
      [1, 1, 'source'],
      [2, 1, 'sorce'],
      [3, 11, 'period.length'],
    ])
    expect(checkText(report)).toMatch(/^p\.yaml:1:1: source: is required .*\n(.*\n){2}3 problems\n$/)
  })
})
