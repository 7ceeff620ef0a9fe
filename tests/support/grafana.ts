import type { Prometheus } from './prometheus.ts'

interface Datasource {
  readonly type: string
  readonly uid: string
}

export interface Target {
  readonly refId: string
  readonly expr: string
  readonly datasource?: Datasource
  /** Asks for one moment, and not for a graph. */
  readonly instant?: boolean
}

export interface Panel {
  readonly id?: number
  readonly type: string
  readonly title?: string
  readonly description?: string
  readonly datasource?: Datasource
  readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly Target[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query?: { readonly query: string } | string
  readonly datasource?: Datasource
  readonly regex?: string
  readonly allValue?: string
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
  readonly annotations: {
    /** Absent where a dashboard has none. */
    readonly list?: readonly { readonly name: string; readonly datasource?: Datasource; readonly target?: Target }[]
  }
}

export interface Expression {
  readonly name: string
  readonly expr: string
  readonly instant: boolean
}

/** Every expression of a dashboard's panels and annotations, with a name for messages. */
export function expressions(dashboard: Dashboard): readonly Expression[] {
  const ofPanels = dashboard.panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ refId, expr, instant = false }) => ({
      name: `${panel.title}/${refId}`,
      expr,
      instant,
    })),
  )
  const ofAnnotations = (dashboard.annotations.list ?? []).flatMap(({ name, target }) =>
    target === undefined ? [] : [{ name: `annotation ${name}`, expr: target.expr, instant: false }],
  )
  return [...ofPanels, ...ofAnnotations]
}

const BUILT_IN = { __interval: '5s', __range_s: '300', __rate_interval: '20s' }

/** What an expression gives where Grafana shows it: every number of the last five minutes, or of now. */
export async function numbersOf(
  { expr, instant }: Expression,
  values: Readonly<Record<string, string>>,
  prometheus: Prometheus,
): Promise<readonly number[]> {
  const asked = interpolate(expr, values)
  const samples = instant
    ? await prometheus.query(asked)
    : (await prometheus.range(asked, Number(BUILT_IN.__range_s), 1)).flatMap((series) => series.samples)
  return samples.map(({ value }) => value).filter((value) => !Number.isNaN(value))
}

/** Puts values in the place of $name and ${name:format}. */
export function interpolate(expr: string, values: Readonly<Record<string, string>>): string {
  return expr.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)/g, (whole, braced, bare) => values[braced ?? bare] ?? whole)
}

/**
 * Resolves the variables in order, each with those before it, as Grafana does on load: the first option of each, or
 * `allValue`. Only what this project's dashboards use: label_values(selector, label) and query_result(expression).
 */
export async function resolveVariables(dashboard: Dashboard, prometheus: Prometheus): Promise<Record<string, string>> {
  const values: Record<string, string> = { ...BUILT_IN }
  for (const { name, type, query, regex, allValue } of dashboard.templating.list) {
    if (type !== 'query' || typeof query !== 'object') continue
    const options = await optionsOf(interpolate(query.query, values), prometheus)
    const matched = regex === undefined ? options : options.flatMap((text) => pick(text, regex))
    const [first] = matched
    if (first === undefined) throw new Error(`variable ${name} has no options: ${query.query}`)
    values[name] = allValue ?? first
  }
  return values
}

async function optionsOf(query: string, prometheus: Prometheus): Promise<string[]> {
  const labelValues = /^label_values\((.*), *(\w+)\)$/.exec(query)
  if (labelValues !== null) {
    const [, selector = '', label = ''] = labelValues
    const samples = await prometheus.query(`count by (${label}) (${selector})`)
    return samples.map(({ metric }) => metric[label] ?? '')
  }
  const result = /^query_result\((.*)\)$/.exec(query)?.[1]
  if (result === undefined) throw new Error(`not a variable query that is known here: ${query}`)
  const samples = await prometheus.query(result)
  return samples.map(({ metric, value, timestampMs }) => {
    const { __name__: name = '', ...labels } = metric
    const text = Object.entries(labels).map(([label, of]) => `${label}="${of}"`)
    return `${name}{${text.join(',')}} ${value} ${timestampMs}`
  })
}

/** What Grafana makes of an option by a variable's regex: its first group. */
function pick(text: string, regex: string): string[] {
  const found = new RegExp(regex.slice(1, regex.lastIndexOf('/'))).exec(text)
  return found === null ? [] : [found[1] ?? found[0]]
}
