import * as common from '@grafana/grafana-foundation-sdk/common'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline'
import * as table from '@grafana/grafana-foundation-sdk/table'
import { NAMES } from './metric-names.ts'
import {
  COLOURS,
  DATASOURCE,
  datasourceVariable,
  instantQuery,
  linePanel,
  query,
  queryVariable,
  statPanel,
  steps,
  variable,
} from './panels.ts'

/** The pipelines and, by ad-hoc filters, the labels that the reader looks at. */
const PIPELINE = 'pipeline=~"$pipeline"'

/**
 * `$series` is the labels of one series as a selector's text, without the metric: whatever labels series have, that fits
 * into one variable. It lists the worst of the time range first, by grade and then by score.
 */
const overRange = (name: string) => `max_over_time(${name}{${PIPELINE}}[${variable('__range_s')}s])`
const WORST = `${overRange(NAMES.grade)} + clamp_max(${overRange(NAMES.score)}, 1000) / 1000000`
const SERIES_LIST = `query_result(topk(200, max without (metric) (${WORST})))`
const SERIES = variable('series:raw')
const INPUT = `${SERIES}, metric="$metric"`

const fixed = (fixedColor: string) => ({ id: 'color', value: { mode: 'fixed', fixedColor } })

/** Scores belong to the series, and carry the input's name only when there is no other: take whichever there is. */
const scoreOf = (name: string) => `${name}{${INPUT}} or (${name}{${SERIES}} unless on () ${name}{${INPUT}})`

function variables(): dashboard.DashboardBuilder {
  return new dashboard.DashboardBuilder('Tidegauge: anomaly band')
    .uid('tidegauge-anomaly-band')
    .description('One series: its value, the band that was expected, how anomalous it is, and what its alarms say.')
    .tags(['tidegauge'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .readonly()
    .withVariable(datasourceVariable())
    .withVariable(
      queryVariable('pipeline', 'Pipeline', `label_values(${NAMES.grade}, pipeline)`)
        .multi(true)
        .includeAll(true)
        .allValue('.*'),
    )
    .withVariable(
      queryVariable('series', 'Series (worst first)', SERIES_LIST)
        .regex('/\\{(.*)\\}/')
        .sort(dashboard.VariableSort.Disabled),
    )
    .withVariable(queryVariable('metric', 'Metric', `label_values(${NAMES.value}{${SERIES}}, metric)`))
    .withVariable(new dashboard.AdHocVariableBuilder('labels').label('Labels').datasource(DATASOURCE))
}

function alarmAnnotations(): dashboard.AnnotationQueryBuilder {
  const firing = `${NAMES.alarmState}{${SERIES}} == 2`
  return new dashboard.AnnotationQueryBuilder()
    .name('Alarms')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(COLOURS.anomaly)
    .target(query('Alarms', `(${firing}) unless (${NAMES.alarmState}{${SERIES}} offset $__interval == 2)`, ''))
    .titleFormat('{{alarm}}: ALARM')
    .step('30s')
}

function overview(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const y = 0
  return built
    .withPanel(
      statPanel(
        'Alarms now',
        'Series and alarms that are in ALARM.',
        `sum(${NAMES.alarms}{${PIPELINE}, state="ALARM"})`,
        { x: 0, y, w: 4, h: 4 },
      ).thresholds(steps([1, COLOURS.anomaly])),
    )
    .withPanel(
      statPanel(
        'Worst grade',
        'The grade of the most anomalous series now: 0 to 1.',
        `max(${NAMES.grade}{${PIPELINE}})`,
        {
          x: 4,
          y,
          w: 4,
          h: 4,
        },
      )
        .decimals(2)
        .thresholds(steps([0.3, COLOURS.warning], [0.7, COLOURS.anomaly])),
    )
    .withPanel(
      statPanel(
        'Trained',
        'Share of the series whose band has learned a whole season.',
        `sum(${NAMES.seriesExposed}{${PIPELINE}, training="TRAINED"}) / sum(${NAMES.seriesExposed}{${PIPELINE}})`,
        { x: 8, y, w: 4, h: 4 },
      ).unit('percentunit'),
    )
    .withPanel(
      statPanel(
        'Lag',
        'Records that were not yet read: what is shown is that much behind.',
        `sum(${NAMES.lag}{${PIPELINE}})`,
        {
          x: 12,
          y,
          w: 4,
          h: 4,
        },
      )
        .unit('short')
        .thresholds(steps([10_000, COLOURS.warning], [100_000, COLOURS.anomaly])),
    )
    .withPanel(
      linePanel('Alarms by state', 'How many series each state has.', { x: 16, y, w: 8, h: 4 })
        .withTarget(query('A', `sum by (state) (${NAMES.alarms}{${PIPELINE}})`, '{{state}}'))
        .overrideByName('ALARM', [fixed(COLOURS.anomaly)])
        .overrideByName('OK', [fixed(COLOURS.band)])
        .overrideByName('INSUFFICIENT_DATA', [fixed(COLOURS.quiet)]),
    )
}

function band() {
  return linePanel(
    '$metric: value and expected band',
    'The value of each period against the band that was expected of it.',
    {
      x: 0,
      y: 4,
      w: 24,
      h: 10,
    },
  )
    .withTarget(query('U', `${NAMES.upper}{${INPUT}}`, 'upper'))
    .withTarget(query('L', `${NAMES.lower}{${INPUT}}`, 'lower'))
    .withTarget(query('E', `${NAMES.expected}{${INPUT}}`, 'expected'))
    .withTarget(query('V', `${NAMES.value}{${INPUT}}`, 'value'))
    .withTarget(query('A', `${NAMES.value}{${INPUT}} and on () max by () (${scoreOf(NAMES.grade)}) > 0`, 'anomalous'))
    .overrideByName('upper', [
      fixed(COLOURS.band),
      { id: 'custom.lineWidth', value: 0 },
      { id: 'custom.fillBelowTo', value: 'lower' },
      { id: 'custom.fillOpacity', value: 20 },
    ])
    .overrideByName('lower', [fixed(COLOURS.band), { id: 'custom.lineWidth', value: 0 }])
    .overrideByName('expected', [
      fixed(COLOURS.expected),
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 4] } },
    ])
    .overrideByName('value', [fixed(COLOURS.value), { id: 'custom.lineWidth', value: 2 }])
    .overrideByName('anomalous', [
      fixed(COLOURS.anomaly),
      { id: 'custom.drawStyle', value: 'points' },
      { id: 'custom.showPoints', value: 'always' },
      { id: 'custom.pointSize', value: 8 },
    ])
}

function judgement(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  return built
    .withPanel(
      linePanel('Grade and confidence', 'How anomalous each period is after all rules, and how much was learned.', {
        x: 0,
        y: 14,
        w: 12,
        h: 7,
      })
        .min(0)
        .max(1)
        .withTarget(query('G', scoreOf(NAMES.grade), 'grade'))
        .withTarget(query('C', scoreOf(NAMES.confidence), 'confidence'))
        .overrideByName('grade', [fixed(COLOURS.anomaly), { id: 'custom.fillOpacity', value: 40 }])
        .overrideByName('confidence', [fixed(COLOURS.quiet)]),
    )
    .withPanel(
      linePanel('Score', 'How unusual each period is before the rules: comparable between series.', {
        x: 12,
        y: 14,
        w: 12,
        h: 7,
      })
        .min(0)
        .withTarget(query('S', scoreOf(NAMES.score), 'score'))
        .overrideByName('score', [fixed(COLOURS.warning)]),
    )
}

function alarmStates() {
  return new statetimeline.PanelBuilder()
    .title('Alarm states')
    .description('Each alarm of the series over time.')
    .datasource(DATASOURCE)
    .gridPos({ x: 0, y: 21, w: 24, h: 5 })
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
    .withTarget(query('A', `${NAMES.alarmState}{${SERIES}}`, '{{alarm}} {{metric}}'))
}

function worst() {
  return new table.PanelBuilder()
    .title('Most anomalous series now')
    .description('The twenty series with the highest grade; choose one above to look at it.')
    .datasource(DATASOURCE)
    .gridPos({ x: 0, y: 26, w: 24, h: 8 })
    .withTarget(instantQuery('A', `topk(20, ${NAMES.grade}{${PIPELINE}} > 0)`))
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true, __name__: true } } })
    .sortBy([new common.TableSortByFieldStateBuilder().displayName('Value').desc(true)])
    .overrideByName('Value', [
      { id: 'displayName', value: 'grade' },
      { id: 'decimals', value: 2 },
      { id: 'custom.cellOptions', value: { type: 'color-background' } },
      { id: 'color', value: { mode: 'continuous-YlRd' } },
    ])
}

/** Value, band, grade and alarms of one series, which the reader chooses. */
export function anomalyBand(): dashboard.Dashboard {
  const built = overview(variables().annotation(alarmAnnotations())).withPanel(band())
  return judgement(built).withPanel(alarmStates()).withPanel(worst()).build()
}
