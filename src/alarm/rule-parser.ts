import { err, ok, type Result } from '../core/result.ts'
import { ALARM_STATES, type AlarmState } from './state.ts'

/** A composite alarm's rule as a tree. */
export type RuleNode =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'state'; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: 'not'; readonly operand: RuleNode }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly RuleNode[] }

/** What is wrong with a rule, and after how many characters. */
export interface RuleProblem {
  readonly at: number
  readonly message: string
}

/** CloudWatch's limits: different alarms in a rule; and alarms, constants and pairs of brackets in all. */
const RULE_LIMITS = { children: 100, elements: 500 } as const

interface Token {
  readonly at: number
  readonly text: string
}

const TOKEN = /\s*("[^"\n]*"|[()]|[^\s()"]+)/gy

/**
 * Reads a rule: `ALARM("x")`, `OK("x")`, `INSUFFICIENT_DATA("x")`, `TRUE`, `FALSE`, combined by `NOT`, `AND`, `OR`
 * (binding in this order, the tightest first) and brackets. Quotes may be left out around a name without spaces and
 * brackets.
 */
export function parseAlarmRule(text: string): Result<RuleNode, RuleProblem> {
  try {
    return ok(new RuleParser(text).whole())
  } catch (thrown) {
    if (thrown instanceof RuleError) return err({ at: thrown.at, message: thrown.message })
    throw thrown
  }
}

class RuleError extends Error {
  readonly at: number

  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

/** Recursive descent, one method for each level of the grammar. */
class RuleParser {
  readonly #tokens: readonly Token[]
  readonly #end: number
  readonly #children = new Set<string>()
  #next = 0
  #elements = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
    this.#end = text.length
  }

  whole(): RuleNode {
    const rule = this.#or()
    const extra = this.#tokens[this.#next]
    if (extra !== undefined) throw new RuleError(extra.at, `expected AND, OR or the end, found ${extra.text}`)
    return rule
  }

  #or(): RuleNode {
    return this.#chain('or', () => this.#chain('and', () => this.#not()))
  }

  #chain(kind: 'and' | 'or', operand: () => RuleNode): RuleNode {
    const operands = [operand()]
    while (this.#take(kind.toUpperCase())) operands.push(operand())
    const [only] = operands
    return operands.length === 1 && only !== undefined ? only : { kind, operands }
  }

  #not(): RuleNode {
    let negated = false
    while (this.#take('NOT')) negated = !negated
    const operand = this.#element()
    return negated ? { kind: 'not', operand } : operand
  }

  #element(): RuleNode {
    const token = this.#tokens[this.#next++]
    if (token === undefined) throw new RuleError(this.#end, 'the rule ends where an alarm is expected')
    this.#elements++
    if (this.#elements > RULE_LIMITS.elements) {
      throw new RuleError(token.at, `more than ${RULE_LIMITS.elements} alarms, constants and brackets`)
    }
    if (token.text === 'TRUE' || token.text === 'FALSE') return { kind: 'constant', value: token.text === 'TRUE' }
    if (token.text === '(') {
      const inside = this.#or()
      this.#expect(')')
      return inside
    }
    const state = ALARM_STATES.find((known) => known === token.text)
    if (state !== undefined) return { kind: 'state', state, alarm: this.#alarmName() }
    throw new RuleError(token.at, `expected ${ALARM_STATES.join(', ')}, TRUE, FALSE, NOT or (, found ${token.text}`)
  }

  #alarmName(): string {
    this.#expect('(')
    const token = this.#tokens[this.#next++]
    const name = token?.text.replace(/^"|"$/g, '') ?? ''
    if (token === undefined || name === '' || /^[()]$/.test(token.text)) {
      throw new RuleError(token?.at ?? this.#end, 'the name of an alarm is missing')
    }
    this.#expect(')')
    this.#children.add(name)
    if (this.#children.size > RULE_LIMITS.children) {
      throw new RuleError(token.at, `more than ${RULE_LIMITS.children} different alarms`)
    }
    return name
  }

  #take(text: string): boolean {
    if (this.#tokens[this.#next]?.text !== text) return false
    this.#next++
    return true
  }

  #expect(text: string): void {
    const found = this.#tokens[this.#next]
    if (this.#take(text)) return
    throw new RuleError(found?.at ?? this.#end, `expected ${text}, found ${found?.text ?? 'the end'}`)
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (const match of text.matchAll(TOKEN)) {
    const token = match[1] ?? ''
    at = match.index + match[0].length
    tokens.push({ at: at - token.length, text: token })
  }
  if (text.slice(at).trim() !== '') throw new RuleError(at, `cannot read ${text.slice(at).trim().slice(0, 20)}`)
  return tokens
}
