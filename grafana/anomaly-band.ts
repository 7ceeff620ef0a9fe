import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import { NAMES, SERIES } from './metric-names.ts'
import {
  across,
  alarmTimeline,
  COLOURS,
  DATASOURCE,
  dashboardNamed,
  fixed,
  instantQuery,
  linePanel,
  numbered,
  pipelineVariable,
  query,
  queryVariable,
  shadedValue,
  statPanel,
  steps,
  tablePanel,
  variable,
} from './panels.ts'

/** The pipelines and, by ad-hoc filters, the labels that the reader looks at. */
const PIPELINE = 'pipeline=~"$pipeline"'

/**
 * `$series` is the labels of one series as a selector's text, without the metric: whatever labels series have, that fits
 * into one variable. It lists the worst of the time range first, by grade and then by score.
 */
const overRange = (name: string) => `max_over_time(${name}{${PIPELINE}}[${variable('__range_s')}s])`
const WORST = `${overRange(SERIES.grade)} + clamp_max(${overRange(SERIES.score)}, 1000) / 1000000`
const SERIES_LIST = `query_result(topk(200, max without (metric) (${WORST})))`
const CHOSEN = variable('series:raw')
const INPUT = `${CHOSEN}, metric="$metric"`

/** Scores belong to the series, and carry the input's name only when there is no other: take whichever there is. */
const scoreOf = (name: string) => `${name}{${INPUT}} or (${name}{${CHOSEN}} unless on () ${name}{${INPUT}})`

function variables(): dashboard.DashboardBuilder {
  return dashboardNamed(
    'Tidegauge: anomaly band',
    'tidegauge-anomaly-band',
    'One series: its value, the band that was expected, how anomalous it is, and what its alarms say.',
  )
    .withVariable(pipelineVariable(SERIES.grade))
    .withVariable(
      queryVariable('series', 'Series (worst first)', SERIES_LIST)
        .regex('/\\{(.*)\\}/')
        .sort(dashboard.VariableSort.Disabled),
    )
    .withVariable(queryVariable('metric', 'Metric', `label_values(${SERIES.value}{${CHOSEN}}, metric)`))
    .withVariable(new dashboard.AdHocVariableBuilder('labels').label('Labels').datasource(DATASOURCE))
}

function alarmAnnotations(): dashboard.AnnotationQueryBuilder {
  const firing = `${SERIES.alarm}{${CHOSEN}} == 2`
  return new dashboard.AnnotationQueryBuilder()
    .name('Alarms')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(COLOURS.anomaly)
    .target(query('Alarms', `(${firing}) unless (${SERIES.alarm}{${CHOSEN}} offset $__interval == 2)`, ''))
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
        `max(${SERIES.grade}{${PIPELINE}})`,
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
    .withTarget(query('U', `${SERIES.upper}{${INPUT}}`, 'upper'))
    .withTarget(query('L', `${SERIES.lower}{${INPUT}}`, 'lower'))
    .withTarget(query('E', `${SERIES.expected}{${INPUT}}`, 'expected'))
    .withTarget(query('V', `${SERIES.value}{${INPUT}}`, 'value'))
    .withTarget(query('A', `${SERIES.value}{${INPUT}} and on () max by () (${scoreOf(SERIES.grade)}) > 0`, 'anomalous'))
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
        .withTarget(query('G', scoreOf(SERIES.grade), 'grade'))
        .withTarget(query('C', scoreOf(SERIES.confidence), 'confidence'))
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
        .withTarget(query('S', scoreOf(SERIES.score), 'score'))
        .overrideByName('score', [fixed(COLOURS.warning)]),
    )
}

/** What is known beyond the newest period, and why the newest one is graded as it is. */
function beyond(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [forecast, attribution] = across(26, 8, 12, 12)
  return built
    .withPanel(
      linePanel(
        'Forecast by horizon',
        'What the newest forecast says of its first, middle and last period; a line a quantile.',
        forecast,
      ).withTarget(query('F', `${SERIES.forecast}{${INPUT}}`, '{{horizon}} p{{quantile}}')),
    )
    .withPanel(
      tablePanel(
        'What made it anomalous',
        'The largest shares of the newest score, while it is graded: which input, how many periods back, on which side.',
        attribution,
      )
        .withTarget(instantQuery('A', `${SERIES.attribution}{${CHOSEN}}`))
        .overrideByName('Value', [...shadedValue('share'), { id: 'unit', value: 'percentunit' }]),
    )
}

function alarmStates() {
  return alarmTimeline('Alarm states', 'Each alarm of the series over time.', { x: 0, y: 21, w: 24, h: 5 }).withTarget(
    query('A', `${SERIES.alarm}{${CHOSEN}}`, '{{alarm}} {{metric}}'),
  )
}

function worst() {
  const [place] = across(34, 8, 24)
  return tablePanel(
    'Most anomalous series now',
    'The twenty series with the highest grade; choose one above to look at it.',
    place,
  )
    .withTarget(instantQuery('A', `topk(20, ${SERIES.grade}{${PIPELINE}} > 0)`))
    .overrideByName('Value', shadedValue('grade'))
}

/** Value, band, grade and alarms of one series, which the reader chooses. */
export function anomalyBand(): dashboard.Dashboard {
  const built = overview(variables().annotation(alarmAnnotations())).withPanel(band())
  return numbered(beyond(judgement(built).withPanel(alarmStates())).withPanel(worst()).build())
}
