import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateRule } from '../../../src/alarm/composite.ts'
import { parseAlarmRule, type RuleNode } from '../../../src/alarm/rule-parser.ts'
import { ALARM_STATES, type AlarmState } from '../../../src/alarm/state.ts'

const NAMES = ['a', 'b c', 'AND', '(x)'] as const

const rule = fc.letrec<{ node: RuleNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.record({ kind: fc.constant('constant' as const), value: fc.boolean() }),
    fc.record({
      kind: fc.constant('state' as const),
      state: fc.constantFrom(...ALARM_STATES),
      alarm: fc.constantFrom(...NAMES),
    }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('node') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
    }),
  ),
})).node

/** A rule as text, every operand in brackets. */
function textOf(node: RuleNode): string {
  if (node.kind === 'constant') return node.value ? 'TRUE' : 'FALSE'
  if (node.kind === 'state') return `${node.state}("${node.alarm}")`
  if (node.kind === 'not') return `NOT (${textOf(node.operand)})`
  return node.operands.map((operand) => `(${textOf(operand)})`).join(` ${node.kind.toUpperCase()} `)
}

const states = fc.record(Object.fromEntries(NAMES.map((name) => [name, fc.constantFrom(...ALARM_STATES)])))

describe('laws of a composite rule', () => {
  it('what is written is what is read: the same truth in every combination of states', () => {
    fc.assert(
      fc.property(rule, states, (node, given) => {
        const stateOf = (name: string): AlarmState => given[name] ?? 'OK'
        const parsed = parseAlarmRule(textOf(node))
        if (!parsed.ok) throw new Error(parsed.error.message)
        expect(evaluateRule(parsed.value, stateOf)).toBe(evaluateRule(node, stateOf))
      }),
    )
  })

  it('any text is read or refused with a place inside it', () => {
    const piece = fc.constantFrom('ALARM', 'OK', '(', ')', '"a"', ' ', 'AND', 'OR', 'NOT', 'TRUE', '"', 'x')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('')
        const parsed = parseAlarmRule(text)
        if (parsed.ok) return
        expect(parsed.error.at).toBeGreaterThanOrEqual(0)
        expect(parsed.error.at).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 1_000 },
    )
  })
})
