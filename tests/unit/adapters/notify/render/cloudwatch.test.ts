import { describe, expect, it } from 'vitest'
import { eventBridgeRenderer, snsMessageRenderer } from '../../../../../src/adapters/notify/render/cloudwatch.ts'
import type { AlarmEvent } from '../../../../../src/alarm/alarm-event.ts'
import { firingEvent } from '../../../../support/alarm-events.ts'

const AT = { accountId: '123456789012', region: 'us-east-1' }
const ARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu-high'
const eventBridge = (event: AlarmEvent) => JSON.parse(eventBridgeRenderer(AT)(event, 0)?.body ?? '')
const sns = (event: AlarmEvent) => JSON.parse(snsMessageRenderer(AT)(event, 0)?.body ?? '')

describe('eventBridgeRenderer', () => {
  it('has the fields of an Alarm State Change, with the reason data as a text', () => {
    const event = firingEvent()
    const body = eventBridge(event)
    expect(body).toMatchObject({
      version: '0',
      id: event.id,
      'detail-type': 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      account: '123456789012',
      time: '2026-03-02T10:02:00Z',
      region: 'us-east-1',
      resources: [ARN],
      detail: {
        alarmName: 'cpu-high',
        state: { value: 'ALARM', reason: event.state.reason, timestamp: '2026-03-02T10:02:00.000+0000' },
        previousState: { value: 'OK' },
        configuration: {
          description: 'the processor is busy',
          metrics: [
            {
              id: 'm1',
              metricStat: {
                metric: { namespace: 'Tidegauge/fleet', name: 'cpu', dimensions: { host: 'a' } },
                period: 60,
              },
              returnData: true,
            },
            { id: 'ad1', expression: 'ANOMALY_DETECTION_BAND(m1)', label: 'cpu (expected)', returnData: true },
          ],
        },
      },
    })
    expect(JSON.parse(body.detail.state.reasonData)).toMatchObject({
      version: '1.0',
      queryDate: '2026-03-02T10:02:00.000+0000',
      recentDatapoints: [10, 20],
      recentLowerThresholds: [5, 5],
    })
  })

  it('tells of suppressed actions as composites do', () => {
    const held = { ...firingEvent(), actionsHeld: { by: 'WaitPeriod', reason: 'waiting' } as const }
    expect(eventBridge(held).detail.state).toMatchObject({
      actionsSuppressedBy: 'WaitPeriod',
      actionsSuppressedReason: 'waiting',
    })
  })
})

describe('snsMessageRenderer', () => {
  it('names the band by its expression, and has no Threshold', () => {
    const body = sns(firingEvent())
    expect(body).toMatchObject({
      AlarmName: 'cpu-high',
      AlarmDescription: 'the processor is busy',
      AWSAccountId: '123456789012',
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
      StateChangeTime: '2026-03-02T10:02:00.000+0000',
      AlarmArn: ARN,
      AlarmActions: ['one'],
      OKActions: [],
      Trigger: {
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold',
        ThresholdMetricId: 'ad1',
      },
    })
    expect(body.Trigger).not.toHaveProperty('Threshold')
  })

  it('names the metric with lower-case dimension keys on a static threshold', () => {
    const trigger = sns(firingEvent({ on: 'threshold', threshold: 15 })).Trigger
    expect(trigger).toMatchObject({
      MetricName: 'cpu',
      Namespace: 'Tidegauge/fleet',
      Dimensions: [{ name: 'host', value: 'a' }],
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 15,
      TreatMissingData: 'missing',
    })
  })
})
