import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePipeline } from '../../../src/config/load.ts'
import { ConfigError } from '../../../src/config/problem.ts'

const environment = { variable: (name: string) => (name === 'A' ? 'a' : undefined), file: () => undefined }

/** Whatever comes in: a frozen configuration, or CONFIG_INVALID that says where. */
function expectSafe(text: string): void {
  const result = parsePipeline(text, 'f.yaml', environment)
  if (result.ok) {
    expect(Object.isFrozen(result.value)).toBe(true)
    return
  }
  expect(result.error).toBeInstanceOf(ConfigError)
  expect(result.error.code).toBe('CONFIG_INVALID')
  expect(result.error.problems.length).toBeGreaterThan(0)
  for (const problem of result.error.problems) expect(problem.message).not.toBe('')
}

const WORDS = [
  'name',
  'source',
  'kafka',
  'topics',
  'period',
  'length',
  'alarms',
  'on',
  'band',
  'grade',
  'match',
  '__proto__',
]
const key = fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 8 }))
const leaf = fc.oneof(
  fc.constantFrom(
    '5m',
    'metrics',
    `\${A}`,
    `\${B}`,
    '${',
    '.*',
    '(',
    'p99',
    'ALARM(a)',
    'whsec_',
    'https://a/',
    null,
    true,
  ),
  fc.double(),
  fc.integer(),
  fc.string({ maxLength: 20 }),
)
const tree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(key, tie('node'), { maxKeys: 6 }),
  ),
})).node

const VALID: Readonly<Record<string, unknown>> = {
  name: 't',
  source: { kafka: { topics: ['metrics'] } },
  period: { length: '1m', statistic: 'Average', lateness: '30s' },
  join: { name: 'j', by: ['host'], metrics: ['a', 'b'] },
  alarms: [{ name: 'x', on: 'band', input: 'a', evaluationPeriods: 3, actions: { alarm: ['ops'] } }],
  composites: [{ name: 'c', rule: 'ALARM("x")', suppressor: { alarm: 'x', wait: '1m' } }],
  mutes: [{ name: 'm', schedule: 'cron(0 2 * * SUN)', duration: '2h', alarms: ['c'] }],
  notify: [{ name: 'ops', webhook: { url: 'https://example.org' } }],
}

/** Replaces one node of a tree, chosen by `at`, by something else. */
function damage(node: unknown, at: number, by: unknown): unknown {
  if (typeof node !== 'object' || node === null) return by
  const keys = Object.keys(node)
  const chosen = keys[at % keys.length]
  if (chosen === undefined || at % 7 === 6) return by
  const copy = (Array.isArray(node) ? [...node] : { ...node }) as Record<string, unknown>
  copy[chosen] = damage(copy[chosen], Math.floor(at / keys.length), by)
  return copy
}

describe('the loader of pipeline files', () => {
  it('takes the undamaged example', () => {
    const result = parsePipeline(JSON.stringify(VALID), 'f.yaml', environment)
    expect(result.ok ? '' : result.error.message).toBe('')
  })

  it('never throws on text of any kind', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', maxLength: 200 })), expectSafe),
    )
  })

  it('never throws on text that looks like YAML', () => {
    const piece = fc.constantFrom(
      ...WORDS,
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '|',
      '"',
      "'",
      '#',
      '!!',
      '---',
      '? ',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
        expectSafe,
      ),
    )
  })

  it('never throws on data of any shape', () => {
    fc.assert(fc.property(tree, (data) => expectSafe(JSON.stringify(data) ?? '')))
  })

  it('never throws on a right file with one thing changed', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), tree, (at, by) => expectSafe(JSON.stringify(damage(VALID, at, by)) ?? '')),
      { numRuns: 300 },
    )
  })

  it('survives deep nesting', () => {
    expectSafe('['.repeat(50_000))
    expectSafe(`${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}`)
    expectSafe(`name: ${'- '.repeat(20_000)}`)
  })
})
