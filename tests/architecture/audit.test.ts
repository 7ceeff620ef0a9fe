import { describe, expect, it } from 'vitest'
import { judge } from '../../deploy/setup/audit.mjs'

/** As `npm audit --json` answers. */
const found = (...vulnerabilities: readonly { name: string; severity: string; via: readonly unknown[] }[]) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(
      vulnerabilities.map((one) => [one.name, { range: '<2', fixAvailable: true, ...one }]),
    ),
    metadata: { vulnerabilities: { total: vulnerabilities.length } },
  })

describe('the audit of dependencies', () => {
  it('fails on a serious hole, and says which', () => {
    const hole = { title: 'Prototype pollution', url: 'https://example.org/1' }
    const { failed, lines } = judge(
      found(
        { name: 'a', severity: 'critical', via: [hole] },
        { name: 'b', severity: 'high', via: ['a'] },
        { name: 'c', severity: 'low', via: [hole] },
      ),
    )
    expect(failed).toBe(true)
    expect(lines).toEqual([
      'a <2: critical: Prototype pollution https://example.org/1 (npm audit fix)',
      'b <2: high: through a (npm audit fix)',
    ])
  })

  it('passes with lesser ones, and says how many', () => {
    expect(judge(found({ name: 'c', severity: 'moderate', via: [] }))).toEqual({
      failed: false,
      lines: ['no known hole of high or critical severity (1 of a lesser one)'],
    })
  })

  it.each([
    [
      'an error of the service',
      JSON.stringify({ message: '405 Method Not Allowed', error: { summary: '' } }),
      '405 Method',
    ],
    ['nothing', '', 'no answer'],
    ['a page', '<html>', 'no answer'],
  ])('says that it was not checked when npm gives %s', (_, answer, why) => {
    const { failed, lines } = judge(answer)
    expect(failed).toBe(false)
    expect(lines.join()).toContain('not checked')
    expect(lines.join()).toContain(why)
  })
})
