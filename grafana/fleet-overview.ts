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
  shadedValue,
  statPanel,
  steps,
  tablePanel,
  variable,
} from './panels.ts'

const PIPELINE = 'pipeline=~"$pipeline"'

/** Leads from a row to the dashboard of one series: its list of series begins with the worst of the row's pipeline. */
const toSeries = {
  id: 'links',
  value: [
    {
      title: 'Look at the series',
      url: `/d/tidegauge-anomaly-band?${variable('__url_time_range')}&var-pipeline=${variable('__data.fields.pipeline')}`,
    },
  ],
}

function beginnings(): dashboard.AnnotationQueryBuilder {
  const begun = `sum by (pipeline, alarm) (increase(${NAMES.alarmTransitions}{${PIPELINE}, to="ALARM"}[$__rate_interval]))`
  return new dashboard.AnnotationQueryBuilder()
    .name('Alarms begin')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(COLOURS.anomaly)
    .target(query('Alarms', `${begun} > 0`, ''))
    .titleFormat('{{pipeline}} {{alarm}}: ALARM')
    .step('1m')
}

function now(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [alarms, unknown, anomalous, trained, watched, left] = across(0, 4, 4, 4, 4, 4, 4, 4)
  const inState = (state: string) => `sum(${NAMES.alarms}{${PIPELINE}, state="${state}"})`
  return built
    .withPanel(
      statPanel('In ALARM', 'Alarms of series that are in ALARM now.', inState('ALARM'), alarms).thresholds(
        steps([1, COLOURS.anomaly]),
      ),
    )
    .withPanel(
      statPanel(
        'INSUFFICIENT_DATA',
        'Alarms of series that cannot be judged: new ones, and those that fell silent.',
        inState('INSUFFICIENT_DATA'),
        unknown,
      ).thresholds(steps([1, COLOURS.warning])),
    )
    .withPanel(
      statPanel(
        'Anomalous series',
        'Series whose newest period is graded anomalous.',
        `count(${SERIES.grade}{${PIPELINE}} > 0) or vector(0)`,
        anomalous,
      ).thresholds(steps([1, COLOURS.warning])),
    )
    .withPanel(
      statPanel(
        'Trained',
        'Share of the series whose band has learned a whole season.',
        `sum(${NAMES.seriesExposed}{${PIPELINE}, training="TRAINED"}) / sum(${NAMES.seriesExposed}{${PIPELINE}})`,
        trained,
      ).unit('percentunit'),
    )
    .withPanel(
      statPanel('Series', 'Series that have state, and so are watched.', `sum(${NAMES.series}{${PIPELINE}})`, watched),
    )
    .withPanel(
      statPanel(
        'Not shown here',
        'Series that are watched, but not exposed to Prometheus, because the pipeline exposes no more.',
        `sum(${NAMES.seriesLeftOut}{${PIPELINE}})`,
        left,
      ).thresholds(steps([1, COLOURS.warning])),
    )
}

function overTime(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [states, anomalies] = across(4, 8, 12, 12)
  const found = `sum by (reason) (rate(${NAMES.pointsScored}{${PIPELINE}, reason=~"anomalous_.*"}[$__rate_interval])) * 60`
  return built
    .withPanel(
      linePanel('Alarms by state', 'How many alarms of series are in each state.', states)
        .withTarget(query('A', `sum by (state) (${NAMES.alarms}{${PIPELINE}})`, '{{state}}'))
        .overrideByName('ALARM', [fixed(COLOURS.anomaly)])
        .overrideByName('OK', [fixed(COLOURS.band)])
        .overrideByName('INSUFFICIENT_DATA', [fixed(COLOURS.quiet)]),
    )
    .withPanel(
      linePanel('Anomalies per minute', 'Periods that were graded anomalous, by what made them so.', anomalies)
        .min(0)
        .withTarget(query('A', found, '{{reason}}')),
    )
}

function incidents(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [timeline] = across(12, 6, 24)
  const [begun, delivered] = across(18, 8, 12, 12)
  const [worst, firing] = across(26, 10, 12, 12)
  return built
    .withPanel(
      alarmTimeline('Worst state of each alarm', 'An alarm is red while any of its series is.', timeline).withTarget(
        query('A', `max by (pipeline, alarm) (${SERIES.alarm}{${PIPELINE}})`, '{{pipeline}} {{alarm}}'),
      ),
    )
    .withPanel(
      tablePanel('Incidents in this time range', 'How often each alarm went into ALARM, over all series.', begun)
        .withTarget(
          instantQuery(
            'A',
            `sum by (pipeline, alarm) (increase(${NAMES.alarmTransitions}{${PIPELINE}, to="ALARM"}[${variable('__range_s')}s]))`,
          ),
        )
        .overrideByName('Value', shadedValue('incidents')),
    )
    .withPanel(
      linePanel('Why alarms changed', 'Changes of state per minute, by the reason that was given for them.', delivered)
        .min(0)
        .withTarget(
          query(
            'A',
            `sum by (reason) (rate(${NAMES.alarmTransitionReasons}{${PIPELINE}}[$__rate_interval])) * 60`,
            '{{reason}}',
          ),
        ),
    )
    .withPanel(
      tablePanel('Most anomalous series now', 'The thirty with the highest grade; a row leads to its pipeline.', worst)
        .withTarget(instantQuery('A', `topk(30, ${SERIES.grade}{${PIPELINE}} > 0)`))
        .overrideByName('Value', [...shadedValue('grade'), toSeries]),
    )
    .withPanel(
      tablePanel('Series in ALARM now', 'Every alarm that is in ALARM, with the labels of its series.', firing)
        .withTarget(instantQuery('A', `${SERIES.alarm}{${PIPELINE}} == 2`))
        .overrideByName('Value', [{ id: 'displayName', value: 'state' }, toSeries]),
    )
}

/** Everything that is watched: what is wrong now, since when, and where to look first. */
export function fleetOverview(): dashboard.Dashboard {
  const empty = dashboardNamed(
    'Tidegauge: fleet',
    'tidegauge-fleet',
    'All series at once: how many are anomalous, which are worst, what the alarms did.',
  )
    .withVariable(pipelineVariable(NAMES.alarms))
    .withVariable(new dashboard.AdHocVariableBuilder('labels').label('Labels').datasource(DATASOURCE))
    .annotation(beginnings())
  return numbered(incidents(overTime(now(empty))).build())
}
