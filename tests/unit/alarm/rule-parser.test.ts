import { describe, expect, it } from 'vitest'
import { evaluateRule } from '../../../src/alarm/composite.ts'
import { parseAlarmRule, type RuleNode } from '../../../src/alarm/rule-parser.ts'

function parsed(text: string): RuleNode {
  const result = parseAlarmRule(text)
  if (!result.ok) throw new Error(`${result.error.at}: ${result.error.message}`)
  return result.value
}

const a: RuleNode = { kind: 'state', state: 'ALARM', alarm: 'a' }
const b: RuleNode = { kind: 'state', state: 'OK', alarm: 'b' }
const c: RuleNode = { kind: 'state', state: 'INSUFFICIENT_DATA', alarm: 'c' }

describe('parseAlarmRule', () => {
  it('reads the functions, with quotes and without', () => {
    expect(parsed('ALARM("a")')).toEqual(a)
    expect(parsed(' OK( b ) ')).toEqual(b)
    expect(parsed('INSUFFICIENT_DATA("c")')).toEqual(c)
    expect(parsed('ALARM("with (brackets) AND spaces")')).toEqual({ ...a, alarm: 'with (brackets) AND spaces' })
    expect(parsed('TRUE')).toEqual({ kind: 'constant', value: true })
  })

  it('binds NOT before AND before OR', () => {
    expect(parsed('ALARM(a) OR OK(b) AND NOT INSUFFICIENT_DATA(c)')).toEqual({
      kind: 'or',
      operands: [a, { kind: 'and', operands: [b, { kind: 'not', operand: c }] }],
    })
    expect(parsed('(ALARM(a) OR OK(b)) AND INSUFFICIENT_DATA(c)')).toEqual({
      kind: 'and',
      operands: [{ kind: 'or', operands: [a, b] }, c],
    })
    expect(parsed('NOT NOT ALARM(a)')).toEqual(a)
    expect(parsed('NOT (ALARM(a) OR OK(b))')).toEqual({ kind: 'not', operand: { kind: 'or', operands: [a, b] } })
  })

  it.each([
    ['', 0, 'the rule ends where an alarm is expected'],
    ['ALARM("a") AND', 14, 'the rule ends where an alarm is expected'],
    ['ALARM("a") OK("b")', 11, 'expected AND, OR or the end, found OK'],
    ['ALARM "a"', 6, 'expected (, found "a"'],
    ['ALARM()', 6, 'the name of an alarm is missing'],
    ['ALARM("")', 6, 'the name of an alarm is missing'],
    ['ALARM("a"', 9, 'expected ), found the end'],
    ['(ALARM("a")', 11, 'expected ), found the end'],
    ['ALARM("a") and OK("b")', 11, 'expected AND, OR or the end, found and'],
    ['alarm("a")', 0, 'expected OK, ALARM, INSUFFICIENT_DATA, TRUE, FALSE, NOT or (, found alarm'],
    ['ALARM("a) AND OK("b")', 19, 'cannot read ")'],
    ['ALARM("a', 6, 'cannot read "a'],
  ])('%s: after %i characters, %s', (text, at, message) => {
    expect(parseAlarmRule(text)).toEqual({ ok: false, error: { at, message } })
  })

  it('has the limits of CloudWatch', () => {
    const many = (count: number, name: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => `ALARM("${name(i)}")`).join(' OR ')
    expect(parseAlarmRule(many(100, String)).ok).toBe(true)
    expect(parseAlarmRule(many(101, String))).toMatchObject({ error: { message: 'more than 100 different alarms' } })
    expect(parseAlarmRule(many(500, () => 'a')).ok).toBe(true)
    expect(parseAlarmRule(many(501, () => 'a')).ok).toBe(false)
    expect(parseAlarmRule(`${'('.repeat(499)}TRUE${')'.repeat(499)}`).ok).toBe(true)
    expect(parseAlarmRule(`${'('.repeat(50_000)}`).ok).toBe(false)
    expect(evaluateRule(parsed(`${'NOT '.repeat(9_999)}TRUE`), () => 'OK')).toBe(false)
  })
})
