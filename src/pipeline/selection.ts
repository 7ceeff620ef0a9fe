import type { Labels, Series } from '../core/series.ts'
import { makeSeries } from '../core/series.ts'

/** One rule: anchored regular expressions on the name (`name`) and on labels; all must match. The first rule that matches decides. */
export interface SelectRule {
  readonly match: Readonly<Record<string, string>>
  readonly drop: boolean
}

export interface SelectionOptions {
  /** Without rules, every series is taken. With rules, a series that none matches is left out. */
  readonly rules: readonly SelectRule[]
  /** Labels taken off before the series is told from others, such as a volatile pod id. */
  readonly dropLabels: readonly string[]
}

/** A matcher of names and labels by anchored regular expressions, as in Prometheus's selectors; an absent label is ''. */
export function compileMatch(match: Readonly<Record<string, string>>): (name: string, labels: Labels) => boolean {
  const matchers = Object.entries(match).map(([label, text]) => [label, new RegExp(`^(?:${text})$`, 'u')] as const)
  return (name, labels) =>
    matchers.every(([label, pattern]) =>
      pattern.test(label === 'name' || label === '__name__' ? name : (labels[label] ?? '')),
    )
}

interface CompiledRule {
  readonly matches: (name: string, labels: Labels) => boolean
  readonly drop: boolean
}

/** Decides which series a pipeline takes, and under which identity. Pure; remembers its answers up to a bound. */
export class Selection {
  readonly #rules: readonly CompiledRule[]
  readonly #dropLabels: readonly string[]
  /** Every series as it is. */
  readonly #takesAll: boolean
  readonly #answers = new Map<string, Series | null>()
  readonly #answersMax: number

  constructor(options: SelectionOptions, answersMax = 100_000) {
    this.#rules = options.rules.map((rule) => ({ matches: compileMatch(rule.match), drop: rule.drop }))
    this.#dropLabels = options.dropLabels
    this.#takesAll = this.#rules.length === 0 && this.#dropLabels.length === 0
    this.#answersMax = answersMax
  }

  /** The series to count the sample under, or null when the pipeline does not take it. */
  admit(series: Series): Series | null {
    if (this.#takesAll) return series
    const known = this.#answers.get(series.key)
    if (known !== undefined) return known
    const answer = this.#decide(series)
    if (this.#answers.size >= this.#answersMax) this.#answers.clear()
    this.#answers.set(series.key, answer)
    return answer
  }

  #decide(series: Series): Series | null {
    if (this.#rules.length > 0) {
      const rule = this.#rules.find((candidate) => candidate.matches(series.name, series.labels))
      if (rule === undefined || rule.drop) return null
    }
    if (!this.#dropLabels.some((label) => label in series.labels)) return series
    const kept: Record<string, string> = { ...series.labels }
    for (const label of this.#dropLabels) delete kept[label]
    return makeSeries(series.name, kept)
  }
}
