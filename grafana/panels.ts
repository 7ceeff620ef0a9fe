import * as common from '@grafana/grafana-foundation-sdk/common'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
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

/** Green up to the first step, then its colour, then the next one's. */
export function steps(...above: readonly (readonly [number, string])[]): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: 'green' }, ...above.map(([value, color]) => ({ value, color }))])
}

export function datasourceVariable(): dashboard.DatasourceVariableBuilder {
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
