import * as common from '@grafana/grafana-foundation-sdk/common'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline'
import * as table from '@grafana/grafana-foundation-sdk/table'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'

/** The pieces that all dashboards are made of. */

/** A dashboard variable inside a text, as Grafana writes it. */
export const variable = (name: string) => `\${${name}}`

/** Chosen by the reader: the first Prometheus there is, unless told otherwise. */
export const DATASOURCE = { type: 'prometheus', uid: variable('datasource') }

export const COLOURS = {
  value: '#3274D9',
  band: '#73BF69',
  expected: '#56A64B',
  anomaly: '#E02F44',
  warning: '#FF9830',
  quiet: '#8E8E8E',
} as const

export function query(refId: string, expr: string, legend: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder().refId(refId).datasource(DATASOURCE).expr(expr).legendFormat(legend).range()
}

export function instantQuery(refId: string, expr: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder()
    .refId(refId)
    .datasource(DATASOURCE)
    .expr(expr)
    .format(prometheus.PromQueryFormat.Table)
    .instant()
}

export interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/** Places beside each other, from the left edge: the widths of a row, of which there are 24 in all. */
export function across<const Widths extends readonly number[]>(
  y: number,
  h: number,
  ...widths: Widths
): { readonly [I in keyof Widths]: Place } {
  let x = 0
  const places = widths.map((w) => {
    const place = { x, y, w, h }
    x += w
    return place
  })
  return places as unknown as { readonly [I in keyof Widths]: Place }
}

/** What a panel answers is its description: one sentence for the reader at three in the morning. */
export function linePanel(title: string, description: string, place: Place): timeseries.PanelBuilder {
  return new timeseries.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .gridPos({ ...place })
    .lineWidth(1)
    .fillOpacity(0)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.None))
}

export function statPanel(title: string, description: string, expr: string, place: Place): stat.PanelBuilder {
  return new stat.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .gridPos({ ...place })
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.Area)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .noValue('-')
    .withTarget(query('A', expr, ''))
}

export function tablePanel(title: string, description: string, place: Place): table.PanelBuilder {
  return new table.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .gridPos({ ...place })
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true, __name__: true } } })
    .sortBy([new common.TableSortByFieldStateBuilder().displayName('Value').desc(true)])
}

/** States of alarms over time, coloured as everywhere. */
export function alarmTimeline(title: string, description: string, place: Place): statetimeline.PanelBuilder {
  return new statetimeline.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .gridPos({ ...place })
    .mergeValues(true)
    .showValue(common.VisibilityMode.Never)
    .mappings([
      {
        type: dashboard.MappingType.ValueToText,
        options: {
          '0': { text: 'OK', color: COLOURS.band, index: 0 },
          '1': { text: 'INSUFFICIENT_DATA', color: COLOURS.quiet, index: 1 },
          '2': { text: 'ALARM', color: COLOURS.anomaly, index: 2 },
        },
      },
    ])
}

/** Colours a table's value from harmless to bad, under a name of its own. */
export const shadedValue = (displayName: string) => [
  { id: 'displayName', value: displayName },
  { id: 'decimals', value: 2 },
  { id: 'custom.cellOptions', value: { type: 'color-background' } },
  { id: 'color', value: { mode: 'continuous-YlRd' } },
]

export const fixed = (fixedColor: string) => ({ id: 'color', value: { mode: 'fixed', fixedColor } })

/** A colour up to the first step, then that step's, then the next one's. */
export function stepsFrom(
  lowest: string,
  ...above: readonly (readonly [number, string])[]
): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: lowest }, ...above.map(([value, color]) => ({ value, color }))])
}

/** Green up to the first step. */
export const steps = (...above: readonly (readonly [number, string])[]) => stepsFrom('green', ...above)

function datasourceVariable(): dashboard.DatasourceVariableBuilder {
  return new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus')
}

export function queryVariable(name: string, label: string, promql: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ qryType: 5, query: promql, refId: `variable-${name}` })
    .definition(promql)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
}

export function pipelineVariable(metric: string): dashboard.QueryVariableBuilder {
  return queryVariable('pipeline', 'Pipeline', `label_values(${metric}, pipeline)`)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
}

/** What all dashboards have: how they are found, how they lead to each other, and whose data they show. */
export function dashboardNamed(title: string, uid: string, description: string): dashboard.DashboardBuilder {
  return new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['tidegauge'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .readonly()
    .link(
      new dashboard.DashboardLinkBuilder('Tidegauge')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags(['tidegauge'])
        .keepTime(true)
        .includeVars(true),
    )
    .withVariable(datasourceVariable())
}

/** Numbers the panels in their order, so that an address can name one of them. */
export function numbered(built: dashboard.Dashboard): dashboard.Dashboard {
  const panels = (built.panels ?? []).map((panel, i) => ({ ...panel, id: i + 1 }))
  return { ...built, panels } as dashboard.Dashboard
}
