import * as common from '@grafana/grafana-foundation-sdk/common'
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import { NAMES, SERIES } from './metric-names.ts'
import {
  across,
  COLOURS,
  dashboardNamed,
  fixed,
  instantQuery,
  linePanel,
  numbered,
  pipelineVariable,
  query,
  statPanel,
  steps,
  stepsFrom,
  tablePanel,
  variable,
} from './panels.ts'

const PIPELINE = 'pipeline=~"$pipeline"'
const DASHED = { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 4] } }

/** Values that lay inside of their bands, as a share of those that had one. */
function coverage(by: string, window: string, more = ''): string {
  const met = (place: string) => `sum by (${by}) (rate(${NAMES.bandValues}{${PIPELINE}${place}${more}}[${window}]))`
  return `${met(', place="inside"')} / (${met('')} > 0)`
}

function summary(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [held, target, gain, version, share, refused] = across(0, 4, 4, 4, 4, 4, 4, 4)
  const range = `${variable('__range_s')}s`
  const wql = (forecaster: string) => `avg(${NAMES.modelLoss}{${PIPELINE}, forecaster="${forecaster}"})`
  const fromModel = `sum(rate(${NAMES.bandValues}{${PIPELINE}, model="deepar"}[${range}]))`
  return built
    .withPanel(
      statPanel(
        'Coverage',
        'Share of the values in this time range that lay inside of their bands.',
        coverage('', range),
        held,
      )
        .unit('percentunit')
        .decimals(1),
    )
    .withPanel(
      statPanel(
        'Target',
        'Share of the values that the calibrated band of a model is to hold.',
        `avg(${NAMES.bandCoverageTarget}{${PIPELINE}})`,
        target,
      )
        .unit('percentunit')
        .decimals(1),
    )
    .withPanel(
      statPanel(
        'Better than seasonal naive',
        'By how much the loss of the model in use is below that of repeating the last season, on held-back data.',
        `1 - ${wql('deepar')} / ${wql('seasonal_naive')}`,
        gain,
      )
        .unit('percentunit')
        .decimals(1)
        .thresholds(stepsFrom(COLOURS.anomaly, [0, 'green'])),
    )
    .withPanel(
      statPanel(
        'Model version',
        'The newest version in use; 0 while bands come from the seasonal baselines only.',
        `max(${NAMES.modelVersion}{${PIPELINE}})`,
        version,
      ),
    )
    .withPanel(
      statPanel(
        'Bands from the model',
        'Share of the bands that come from the model and not from the seasonal baseline.',
        `${fromModel} / (sum(rate(${NAMES.bandValues}{${PIPELINE}}[${range}])) > 0)`,
        share,
      )
        .unit('percentunit')
        .decimals(1),
    )
    .withPanel(
      statPanel(
        'Refused models',
        'Published models that could not be used, in this time range.',
        `sum(increase(${NAMES.modelsRefused}{${PIPELINE}}[${range}]))`,
        refused,
      ).thresholds(steps([1, COLOURS.warning])),
    )
}

function calibration(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [overTime, losses] = across(4, 9, 12, 12)
  return built
    .withPanel(
      linePanel(
        'Coverage against target',
        'Share of values inside of their bands, by whose bands they are; the dashed line is the target.',
        overTime,
      )
        .max(1)
        .unit('percentunit')
        .withTarget(query('C', coverage('pipeline, model', '$__rate_interval'), '{{pipeline}} {{model}}'))
        .withTarget(query('T', `max by (pipeline) (${NAMES.bandCoverageTarget}{${PIPELINE}})`, '{{pipeline}} target'))
        .overrideByRegexp('/ target$/', [fixed(COLOURS.expected), DASHED]),
    )
    .withPanel(
      linePanel(
        'Weighted quantile loss',
        'Of the model in use and of seasonal naive, on windows held back from training; less is better.',
        losses,
      )
        .min(0)
        .withTarget(
          query('L', `avg by (pipeline, forecaster) (${NAMES.modelLoss}{${PIPELINE}})`, '{{pipeline}} {{forecaster}}'),
        )
        .overrideByRegexp('/ seasonal_naive$/', [fixed(COLOURS.quiet), DASHED]),
    )
}

function models(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [versions, refusals, made] = across(13, 8, 8, 8, 8)
  const [fan, rounds] = across(21, 9, 14, 10)
  const perMinute = (metric: string, by: string) =>
    `sum by (${by}) (rate(${metric}{${PIPELINE}}[$__rate_interval])) * 60`
  return built
    .withPanel(
      linePanel(
        'Model version by partition',
        'Partitions adopt a new version one by one, each between two commits; a rollback goes down.',
        versions,
      )
        .min(0)
        .withTarget(query('V', `${NAMES.modelVersion}{${PIPELINE}}`, '{{pipeline}} {{topic}}-{{partition}}'))
        .lineInterpolation(common.LineInterpolation.StepAfter),
    )
    .withPanel(
      linePanel('Models refused', 'Per minute, by reason: the one before stays in use.', refusals)
        .min(0)
        .withTarget(query('R', perMinute(NAMES.modelsRefused, 'reason'), '{{reason}}')),
    )
    .withPanel(
      linePanel('Forecasts made', 'Forecasts over several periods per minute, by what became of them.', made)
        .min(0)
        .withTarget(query('F', perMinute(NAMES.forecasts, 'outcome'), '{{outcome}}'))
        .overrideByName('failed', [fixed(COLOURS.anomaly)])
        .overrideByName('skipped', [fixed(COLOURS.warning)]),
    )
    .withPanel(
      tablePanel(
        'Newest forecasts',
        'The median of the newest forecasts, for their first, middle and last period.',
        fan,
      ).withTarget(instantQuery('A', `topk(100, ${SERIES.forecast}{${PIPELINE}, quantile="0.5"})`)),
    )
    .withPanel(
      linePanel(
        'Rounds of retraining',
        'By how they ended: published means that the challenger was better on held-back data, failed that it was not trained.',
        rounds,
      )
        .min(0)
        .withTarget(
          query('R', `sum by (pipeline, outcome) (${NAMES.retrainingRounds}{${PIPELINE}})`, '{{pipeline}} {{outcome}}'),
        )
        .overrideByRegexp('/ published$/', [fixed(COLOURS.band)])
        .overrideByRegexp('/ failed$/', [fixed(COLOURS.anomaly)]),
    )
}

function retraining(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [last, took, contenders] = across(30, 8, 5, 5, 14)
  return built
    .withPanel(
      statPanel(
        'Last retraining',
        'How long ago the last round of scheduled retraining ended, however it did.',
        `time() - max(${NAMES.retrainingTime}{${PIPELINE}})`,
        last,
      ).unit('dtdurations'),
    )
    .withPanel(
      statPanel(
        'Last round took',
        'How long the last round took, with the reading of the topic.',
        `max(${NAMES.retrainingDuration}{${PIPELINE}})`,
        took,
      ).unit('dtdurations'),
    )
    .withPanel(
      linePanel(
        'Champion and challenger',
        'Weighted quantile loss of the last round, on windows that neither has seen; the lowest one wins, by a hundredth.',
        contenders,
      )
        .min(0)
        .withTarget(
          query(
            'L',
            `max by (pipeline, contender) (${NAMES.retrainingLoss}{${PIPELINE}})`,
            '{{pipeline}} {{contender}}',
          ),
        )
        .overrideByRegexp('/ challenger$/', [fixed(COLOURS.band)])
        .overrideByRegexp('/ champion$/', [fixed(COLOURS.value)])
        .overrideByRegexp('/ seasonal_naive$/', [fixed(COLOURS.quiet), DASHED]),
    )
}

/** Whether bands and forecasts can be believed. */
export function forecastQuality(): dashboard.Dashboard {
  const empty = dashboardNamed(
    'Tidegauge: forecast quality',
    'tidegauge-forecast-quality',
    'Whether bands hold what they promise, and whether the model earns its place.',
  ).withVariable(pipelineVariable(NAMES.bandValues))
  return numbered(retraining(models(calibration(summary(empty)))).build())
}
