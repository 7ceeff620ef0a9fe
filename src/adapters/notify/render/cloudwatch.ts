import type { AlarmEvent, MetricAlarmConfiguration } from '../../../alarm/alarm-event.ts'
import type { Renderer } from './renderer.ts'

/** Where the alarm pretends to live: tools that take CloudWatch's events parse the ARN. */
export interface CloudWatchOptions {
  readonly accountId: string
  readonly region: string
}

const CLOUDWATCH_DEFAULTS: CloudWatchOptions = { accountId: '000000000000', region: 'local' }

/** An Alarm State Change event as EventBridge delivers it, field for field. */
export function eventBridgeRenderer(options: CloudWatchOptions = CLOUDWATCH_DEFAULTS): Renderer {
  return (event) => ({
    contentType: 'application/json',
    body: JSON.stringify({
      version: '0',
      id: event.id,
      'detail-type': 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      account: options.accountId,
      time: `${event.state.timestamp.slice(0, 19)}Z`,
      region: options.region,
      resources: [arnOf(event, options)],
      detail: {
        alarmName: event.alarm,
        state: {
          value: event.state.value,
          reason: event.state.reason,
          // A JSON text inside JSON: that is how CloudWatch sends it.
          reasonData: JSON.stringify(awsReasonData(event, options)),
          timestamp: awsTime(event.state.timestamp),
          ...suppressionOf(event),
        },
        previousState: {
          value: event.previousState.value,
          reason: event.previousState.reason,
          timestamp: awsTime(event.previousState.timestamp),
        },
        configuration: eventBridgeConfiguration(event),
      },
    }),
  })
}

/** The Message of an SNS notification of an alarm, without SNS's envelope, which only SNS can sign. */
export function snsMessageRenderer(options: CloudWatchOptions = CLOUDWATCH_DEFAULTS): Renderer {
  return (event) => {
    const actions = (state: AlarmEvent['state']['value']) => (event.state.value === state ? event.actions : [])
    return {
      contentType: 'application/json',
      body: JSON.stringify({
        AlarmName: event.alarm,
        AlarmDescription: event.configuration.description,
        AWSAccountId: options.accountId,
        NewStateValue: event.state.value,
        NewStateReason: event.state.reason,
        StateChangeTime: awsTime(event.state.timestamp),
        Region: options.region,
        AlarmArn: arnOf(event, options),
        OldStateValue: event.previousState.value,
        OKActions: actions('OK'),
        AlarmActions: actions('ALARM'),
        InsufficientDataActions: actions('INSUFFICIENT_DATA'),
        ...snsTrigger(event),
      }),
    }
  }
}

function snsTrigger(event: AlarmEvent): object {
  const { configuration: given, series } = event
  if (given.kind === 'composite') return { AlarmRule: given.alarmRule }
  const common = {
    Period: given.period,
    EvaluationPeriods: given.evaluationPeriods,
    DatapointsToAlarm: given.datapointsToAlarm,
    ComparisonOperator: given.comparisonOperator,
    TreatMissingData: given.treatMissingData,
    EvaluateLowSampleCountPercentile: '',
  }
  const metric = {
    MetricName: series.name,
    Namespace: namespaceOf(event),
    Dimensions: Object.entries(series.labels).map(([name, value]) => ({ value, name })),
  }
  if (given.on !== 'band') {
    return { Trigger: { ...metric, StatisticType: 'Statistic', Unit: null, ...common, Threshold: given.threshold } }
  }
  return {
    Trigger: {
      ...common,
      ThresholdMetricId: 'ad1',
      Metrics: [
        { Id: 'm1', MetricStat: { Metric: metric, Period: given.period }, ReturnData: true },
        { Id: 'ad1', Expression: 'ANOMALY_DETECTION_BAND(m1)', Label: expectedLabel(event), ReturnData: true },
      ],
    },
  }
}

function eventBridgeConfiguration(event: AlarmEvent): object {
  const given = event.configuration
  if (given.kind === 'composite') {
    return {
      description: given.description,
      alarmRule: given.alarmRule,
      ...(given.actionsSuppressor === null
        ? {}
        : {
            actionsSuppressor: given.actionsSuppressor,
            actionsSuppressorWaitPeriod: given.actionsSuppressorWaitPeriod,
            actionsSuppressorExtensionPeriod: given.actionsSuppressorExtensionPeriod,
          }),
    }
  }
  return { description: given.description, metrics: eventBridgeMetrics(event, given) }
}

function eventBridgeMetrics(event: AlarmEvent, given: MetricAlarmConfiguration): readonly object[] {
  const metric = { namespace: namespaceOf(event), name: event.series.name, dimensions: event.series.labels }
  const measured = { id: 'm1', metricStat: { metric, period: given.period }, returnData: true }
  if (given.on !== 'band') return [measured]
  const band = { id: 'ad1', expression: 'ANOMALY_DETECTION_BAND(m1)', label: expectedLabel(event), returnData: true }
  return [measured, band]
}

/** A metric alarm's reason as it is, in AWS's way of writing time; a composite's with ARNs instead of names. */
function awsReasonData(event: AlarmEvent, options: CloudWatchOptions): object {
  const data = event.state.reasonData
  if (!('triggeringAlarms' in data)) {
    return { ...data, queryDate: awsTime(data.queryDate), startDate: awsTime(data.startDate) }
  }
  return {
    triggeringAlarms: data.triggeringAlarms.map(({ name, state }) => ({
      arn: arn(name, options),
      state: { value: state, timestamp: awsTime(data.queryDate) },
    })),
  }
}

function suppressionOf(event: AlarmEvent): object {
  const held = event.actionsHeld
  if (held === null || held.by === 'actionsDisabled' || held.by === 'mute') return {}
  return { actionsSuppressedBy: held.by, actionsSuppressedReason: held.reason }
}

const namespaceOf = (event: AlarmEvent) => `Tidegauge/${event.pipeline}`
const expectedLabel = (event: AlarmEvent) => `${event.series.name} (expected)`
const arnOf = (event: AlarmEvent, options: CloudWatchOptions) => arn(event.alarm, options)
const arn = (name: string, { accountId, region }: CloudWatchOptions) =>
  `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`

/** `2019-10-03T16:00:04.653+0000`. */
const awsTime = (iso: string) => iso.replace(/Z$/, '+0000')
