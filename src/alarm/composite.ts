import { assertNever } from '../core/assert.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { RuleNode } from './rule-parser.ts'
import type { AlarmState } from './state.ts'

/** Whether a rule holds. */
export function evaluateRule(rule: RuleNode, stateOf: (alarm: string) => AlarmState): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value
    case 'state':
      return stateOf(rule.alarm) === rule.state
    case 'not':
      return !evaluateRule(rule.operand, stateOf)
    case 'and':
      return rule.operands.every((operand) => evaluateRule(operand, stateOf))
    case 'or':
      return rule.operands.some((operand) => evaluateRule(operand, stateOf))
    default:
      return assertNever(rule, 'rule')
  }
}

/** The alarms that a rule names, each once, in the rule's order. */
export function ruleChildren(rule: RuleNode): readonly string[] {
  switch (rule.kind) {
    case 'constant':
      return []
    case 'state':
      return [rule.alarm]
    case 'not':
      return ruleChildren(rule.operand)
    default:
      return [...new Set(rule.operands.flatMap(ruleChildren))]
  }
}

/** What an order is made of: a composite with all alarms that it depends on, its suppressor too. */
export interface Dependent {
  readonly name: string
  readonly dependsOn: readonly string[]
}

/**
 * An order in which every composite comes after those that it depends on. Throws CONFIG_INVALID where there is none,
 * with the path of the cycle. Names that are no composite's are metric alarms, which depend on nothing.
 */
export function evaluationOrder(composites: readonly Dependent[]): readonly string[] {
  const byName = new Map(composites.map((composite) => [composite.name, composite]))
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    if (done.has(name)) return
    const composite = byName.get(name)
    if (composite === undefined) return
    const from = path.indexOf(name)
    if (from >= 0) {
      throw new TidegaugeError('CONFIG_INVALID', `refers to itself: ${[...path.slice(from), name].join(' -> ')}`, {
        where: `composites.${name}.rule`,
        hint: 'take one of these alarms out of the rule of another',
      })
    }
    for (const child of composite.dependsOn) visit(child, [...path, name])
    done.add(name)
  }
  for (const { name } of composites) visit(name, [])
  return [...done]
}
