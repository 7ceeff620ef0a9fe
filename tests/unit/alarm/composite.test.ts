import { describe, expect, it } from 'vitest'
import { evaluateRule, evaluationOrder, ruleChildren } from '../../../src/alarm/composite.ts'
import { parseAlarmRule } from '../../../src/alarm/rule-parser.ts'
import type { AlarmState } from '../../../src/alarm/state.ts'
import { asTidegaugeError } from '../../../src/core/errors.ts'

const STATES: Readonly<Record<string, AlarmState>> = { a: 'ALARM', b: 'OK', c: 'INSUFFICIENT_DATA' }

function ruleOf(text: string) {
  const parsed = parseAlarmRule(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.value
}

describe('evaluateRule', () => {
  it.each([
    ['ALARM(a)', true],
    ['OK(a)', false],
    ['INSUFFICIENT_DATA(c)', true],
    ['NOT OK(b)', false],
    ['ALARM(a) AND OK(b)', true],
    ['ALARM(a) AND ALARM(b)', false],
    ['ALARM(b) OR INSUFFICIENT_DATA(c)', true],
    ['ALARM(b) OR FALSE', false],
    ['TRUE AND NOT (ALARM(b) OR ALARM(c))', true],
  ])('%s is %s', (text, expected) => {
    expect(evaluateRule(ruleOf(text), (name) => STATES[name] ?? 'OK')).toBe(expected)
  })
})

describe('ruleChildren', () => {
  it('names each alarm once', () => {
    expect(ruleChildren(ruleOf('ALARM(b) OR NOT (OK(a) AND TRUE AND ALARM(b))'))).toEqual(['b', 'a'])
  })
})

describe('evaluationOrder', () => {
  it('puts composites after those that they depend on', () => {
    const order = evaluationOrder([
      { name: 'top', dependsOn: ['left', 'right', 'metric'] },
      { name: 'right', dependsOn: ['bottom'] },
      { name: 'left', dependsOn: ['bottom'] },
      { name: 'bottom', dependsOn: ['metric'] },
    ])
    expect(order).toEqual(['bottom', 'left', 'right', 'top'])
  })

  it.each([
    [[{ name: 'a', dependsOn: ['a'] }], 'a -> a'],
    [
      [
        { name: 'start', dependsOn: ['a'] },
        { name: 'a', dependsOn: ['b'] },
        { name: 'b', dependsOn: ['c'] },
        { name: 'c', dependsOn: ['a'] },
      ],
      'a -> b -> c -> a',
    ],
  ])('refuses a cycle with its path: %#', (composites, path) => {
    try {
      evaluationOrder(composites)
      expect.unreachable()
    } catch (thrown) {
      const error = asTidegaugeError(thrown)
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: `refers to itself: ${path}` })
      expect(error.where).toBe('composites.a.rule')
    }
  })
})
