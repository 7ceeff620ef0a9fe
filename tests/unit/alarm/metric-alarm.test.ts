import { describe, expect, it } from 'vitest'
import { MetricAlarm } from '../../../src/alarm/metric-alarm.ts'
import { type AlarmInput, alarmOptions } from '../../../src/alarm/options.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { makeSeries } from '../../../src/core/series.ts'
import { missingPoint, PERIOD_MS, pointsOf, START_MS, scoredPoint } from '../../support/scored-points.ts'

const SERIES = makeSeries('cpu', { host: 'a' })
const make = (given: Partial<AlarmInput> = {}) =>
  new MetricAlarm(alarmOptions({ name: 'cpu-high', periodMs: PERIOD_MS, ...given }), SERIES)

/** The transitions of a pattern, as `period:STATE`. */
function run(alarm: MetricAlarm, pattern: string, first = 0): string[] {
  return pointsOf(pattern, first).flatMap((point, i) => {
    const transition = alarm.evaluate(point)
    return transition === undefined ? [] : [`${first + i}:${transition.to.value}`]
  })
}

function savedAndLoaded(from: MetricAlarm, into: MetricAlarm): MetricAlarm {
  const writer = new BinaryWriter('TEST', 1)
  from.save(writer)
  const reader = new BinaryReader(writer.finish(), 'TEST', 1)
  into.load(reader)
  expect(reader.atEnd()).toBe(true)
  return into
}

describe('MetricAlarm', () => {
  it('starts without enough data and speaks only when its state changes', () => {
    const alarm = make()
    expect(alarm.state).toBe('INSUFFICIENT_DATA')
    expect(run(alarm, 'OOXXXOO')).toEqual(['0:OK', '2:ALARM', '5:OK'])
  })

  it('2 of 3 needs two, and leaves when two of three are fine', () => {
    expect(run(make({ evaluationPeriods: 3, datapointsToAlarm: 2 }), 'OOOXXOXOO')).toEqual(['0:OK', '4:ALARM', '7:OK'])
  })

  it('the premature rule: a lone breach followed by silence', () => {
    expect(run(make({ evaluationPeriods: 3 }), 'X----')).toEqual(['2:ALARM'])
  })

  it.each([
    ['missing', ['0:OK', '4:INSUFFICIENT_DATA', '6:OK']],
    ['ignore', ['0:OK']],
    ['breaching', ['0:OK', '4:ALARM', '6:OK']],
    ['notBreaching', ['0:OK']],
  ] as const)('silence under %s', (treatMissingData, transitions) => {
    expect(run(make({ treatMissingData }), 'OO----OO')).toEqual(transitions)
  })

  it('skipped periods are missing datapoints', () => {
    const skipping = make({ treatMissingData: 'breaching', evaluationPeriods: 3, datapointsToAlarm: 2 })
    expect(run(skipping, 'OOO')).toEqual(['0:OK'])
    expect(skipping.evaluate(scoredPoint(7))?.to).toMatchObject({
      value: 'ALARM',
      reasonCode: 'missing_data_breaching',
    })
  })

  it('a period seen before changes nothing', () => {
    const alarm = make()
    run(alarm, 'OOO')
    expect(run(alarm, 'XX', 1)).toEqual([])
    expect(alarm.state).toBe('OK')
  })

  it('stays without enough data while the detector learns', () => {
    const alarm = make({ on: 'grade', treatMissingData: 'breaching' })
    for (let i = 0; i < 10; i++) expect(alarm.evaluate(scoredPoint(i, { reason: 'learning' }))).toBeUndefined()
    expect(alarm.evaluate(scoredPoint(10))?.to.value).toBe('OK')
  })

  it('gives the reason in CloudWatch words and as data', () => {
    const alarm = make({ evaluationPeriods: 3, datapointsToAlarm: 2 })
    run(alarm, 'OOO')
    alarm.evaluate(scoredPoint(3, {}, { value: 20 }))
    const transition = alarm.evaluate(scoredPoint(4, { grade: 0.9, score: 3 }, { value: 2.5, lower: 5.125 }))
    expect(transition?.to).toEqual({
      value: 'ALARM',
      reasonCode: 'threshold_crossed',
      reason:
        'Thresholds Crossed: 2 out of the last 3 datapoints [2.5 (02/03/26 10:04:00), 20.0 (02/03/26 10:03:00)] ' +
        'were less than the lower thresholds [5.125, 5.0] or greater than the upper thresholds [15.0, 15.0] ' +
        '(minimum 2 datapoints for OK -> ALARM transition).',
      timestampMs: START_MS + 5 * PERIOD_MS,
    })
    expect(transition?.from.value).toBe('OK')
    expect(transition?.reasonData).toMatchObject({
      version: '1.0',
      queryDate: '2026-03-02T10:05:00.000Z',
      startDate: '2026-03-02T10:00:00.000Z',
      period: 60,
      recentDatapoints: [10, 10, 10, 20, 2.5],
      recentLowerThresholds: [5, 5, 5, 5, 5.125],
      recentUpperThresholds: [15, 15, 15, 15, 15],
      missingDatapointsFilled: 0,
    })
    expect(transition?.evidence).toMatchObject({ input: 'cpu', value: 2.5, lower: 5.125, grade: 0.9, score: 3 })
  })

  it('says so when silence decided', () => {
    const alarm = make({ on: 'threshold', threshold: 5, operator: 'LessThanThreshold', treatMissingData: 'breaching' })
    run(alarm, 'OO')
    run(alarm, '--', 2)
    expect(alarm.evaluate(missingPoint(4))?.to.reason).toBe(
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].',
    )
    expect(make({ evaluationPeriods: 3 }).evaluate(scoredPoint(0))?.to.reason).toBe(
      'Thresholds Crossed: 1 out of the last 1 datapoint [10.0 (02/03/26 10:00:00)] was not less than the lower ' +
        'thresholds [5.0] or greater than the upper thresholds [15.0] ' +
        '(minimum 1 datapoint for INSUFFICIENT_DATA -> OK transition).',
    )
  })

  it('a restored alarm goes on as if nothing had been', () => {
    const undisturbed = make({ evaluationPeriods: 3, datapointsToAlarm: 2 })
    run(undisturbed, 'OOOX')
    const restored = savedAndLoaded(undisturbed, make({ evaluationPeriods: 3, datapointsToAlarm: 2 }))
    const next = scoredPoint(4, {}, { value: 30 })
    expect(restored.record).toEqual(undisturbed.record)
    expect(restored.evaluate(next)).toEqual(undisturbed.evaluate(next))
  })

  it('a changed configuration keeps the state; datapoints only where they still mean the same', () => {
    const alarm = make()
    run(alarm, 'OXX')
    const wider = savedAndLoaded(alarm, make({ evaluationPeriods: 3, datapointsToAlarm: 2 }))
    expect(wider.state).toBe('ALARM')
    expect(wider.evaluate(scoredPoint(3))).toBeUndefined()
    expect(wider.evaluate(scoredPoint(4))?.to.value).toBe('OK')
    const onGrade = savedAndLoaded(alarm, make({ on: 'grade', evaluationPeriods: 3, datapointsToAlarm: 2 }))
    expect(onGrade.state).toBe('ALARM')
    expect(onGrade.evaluate(scoredPoint(3))?.to.value).toBe('OK')
  })

  it('on a forecast: the last answer holds until the next is due; a silent series has none', () => {
    const alarm = make({
      on: 'forecast',
      threshold: 90,
      within: 30 * PERIOD_MS,
      every: 5 * PERIOD_MS,
      probability: 0.6,
    })
    const asked: number[] = []
    const evaluate = (period: number, share: number | undefined, point = scoredPoint(period)) =>
      alarm.evaluate(point, () => {
        asked.push(period)
        const paths = Float64Array.from({ length: 10 }, (_, i) => (i < 10 * (share ?? 0) ? 95 : 50))
        return share === undefined ? undefined : { paths, samples: 10 }
      })
    expect(evaluate(0, undefined)).toBeUndefined()
    expect(evaluate(1, 0.5)?.to).toMatchObject({ value: 'OK', reasonCode: 'forecast_does_not_cross' })
    expect(evaluate(2, 1)).toBeUndefined()
    expect(evaluate(3, 1)).toBeUndefined()
    const crossing = evaluate(4, 0.6)
    expect(crossing?.to).toMatchObject({ value: 'ALARM', reasonCode: 'forecast_crosses' })
    expect(crossing?.to.reason).toContain(
      '[0.6 (02/03/26 10:04:00)] was at or above the probability (0.6) of being greater than the threshold (90.0) within 30m',
    )
    expect(crossing?.reasonData).toMatchObject({ threshold: 90, probability: 0.6, within: 1800 })
    expect(evaluate(5, 0)).toBeUndefined()
    expect(asked).toEqual([0, 1, 4])
    let last: string | undefined
    for (let period = 6; period < 10; period++) last = evaluate(period, 1, missingPoint(period))?.to.value ?? last
    expect(last).toBe('INSUFFICIENT_DATA')
    expect(evaluate(11, 1)?.to.value).toBe('ALARM')
    expect(asked).toEqual([0, 1, 4, 11])
  })

  it('refuses a snapshot with a state that does not exist', () => {
    const writer = new BinaryWriter('TEST', 1)
    writer.u32(0)
    writer.u8(7)
    writer.u8(0)
    writer.text('')
    writer.f64(0)
    writer.f64(0)
    const reader = new BinaryReader(writer.finish(), 'TEST', 1)
    expect(() => make().load(reader)).toThrow('an alarm state that is not known')
  })
})
