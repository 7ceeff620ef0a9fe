import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metricAlarmEvent } from '../../../src/alarm/alarm-event.ts'
import { DATAPOINT } from '../../../src/alarm/datapoint.ts'
import { evaluate } from '../../../src/alarm/evaluate.ts'
import { MetricAlarm } from '../../../src/alarm/metric-alarm.ts'
import { type AlarmInput, alarmOptions, MISSING_DATA_POLICIES } from '../../../src/alarm/options.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { makeSeries } from '../../../src/core/series.ts'
import { PERIOD_MS, pointsOf } from '../../support/scored-points.ts'

const SERIES = makeSeries('cpu', { host: 'a' })

const pattern = fc.array(fc.constantFrom('O', 'X', '-'), { maxLength: 60 }).map((letters) => letters.join(''))
const window = fc
  .integer({ min: 1, max: 6 })
  .chain((n) => fc.record({ evaluationPeriods: fc.constant(n), datapointsToAlarm: fc.integer({ min: 1, max: n }) }))
const alarm: fc.Arbitrary<AlarmInput> = fc
  .record({ window, treatMissingData: fc.constantFrom(...MISSING_DATA_POLICIES), on: fc.constantFrom('band', 'grade') })
  .map(({ window: given, treatMissingData, on }) => ({
    name: 'a',
    periodMs: PERIOD_MS,
    treatMissingData,
    on: on as 'band' | 'grade',
    ...given,
  }))

const make = (given: AlarmInput) => new MetricAlarm(alarmOptions(given), SERIES)

function restored(from: MetricAlarm, given: AlarmInput): MetricAlarm {
  const writer = new BinaryWriter('TEST', 1)
  from.save(writer)
  const into = make(given)
  into.load(new BinaryReader(writer.finish(), 'TEST', 1))
  return into
}

const eventsOf = (one: MetricAlarm, points: ReturnType<typeof pointsOf>) =>
  points.flatMap((point) => {
    const transition = one.evaluate(point)
    return transition === undefined ? [] : [JSON.stringify(metricAlarmEvent('p', transition, one.options))]
  })

describe('laws of a metric alarm', () => {
  it('snapshot and restore at any point give the same events, byte for byte', () => {
    fc.assert(
      fc.property(alarm, pattern, fc.nat(60), (given, letters, cut) => {
        const points = pointsOf(letters)
        const undisturbed = eventsOf(make(given), points)
        const first = make(given)
        const before = eventsOf(first, points.slice(0, cut))
        const after = eventsOf(restored(first, given), points.slice(cut))
        expect([...before, ...after]).toEqual(undisturbed)
      }),
    )
  })

  it('a transition always changes the state, and each begins where the last one ended', () => {
    fc.assert(
      fc.property(alarm, pattern, (given, letters) => {
        const one = make(given)
        let state = one.state
        for (const point of pointsOf(letters)) {
          const transition = one.evaluate(point)
          expect(transition === undefined).toBe(one.state === state)
          if (transition !== undefined) {
            expect(transition.from.value).toBe(state)
            expect(transition.to.value).toBe(one.state)
          }
          state = one.state
        }
      }),
    )
  })

  it('a skipped period and a period without data are the same', () => {
    fc.assert(
      fc.property(alarm, pattern, (given, letters) => {
        const points = pointsOf(`O${letters}O`)
        const skipping = make(given)
        for (const point of points) if (point.reason !== 'missing') skipping.evaluate(point)
        const whole = make(given)
        for (const point of points) whole.evaluate(point)
        // With `ignore` and `missing` a state entered in the silence may be kept by one and never seen by the other,
        // so what is compared is what the next N measured points make of it.
        const more = pointsOf('O'.repeat(given.evaluationPeriods ?? 1), points.length)
        for (const point of more) {
          skipping.evaluate(point)
          whole.evaluate(point)
        }
        expect(skipping.state).toBe(whole.state)
      }),
    )
  })

  it('ends in ALARM after N breaching points and in OK after N fine ones, whatever was before', () => {
    fc.assert(
      fc.property(alarm, pattern, (given, letters) => {
        const one = make(given)
        const n = given.evaluationPeriods ?? 1
        for (const point of pointsOf(`${letters}${'X'.repeat(n)}`)) one.evaluate(point)
        expect(one.state).toBe('ALARM')
        for (const point of pointsOf('O'.repeat(n), letters.length + n)) one.evaluate(point)
        expect(one.state).toBe('OK')
      }),
    )
  })

  it('is monotone: one more breaching datapoint never turns ALARM into OK', () => {
    const kinds = fc.array(fc.constantFrom(DATAPOINT.ok, DATAPOINT.breaching, DATAPOINT.missing), { maxLength: 8 })
    fc.assert(
      fc.property(window, fc.constantFrom(...MISSING_DATA_POLICIES), kinds, fc.nat(7), (given, policy, range, at) => {
        if (range[at] !== DATAPOINT.ok) return
        const settings = { ...given, treatMissingData: policy }
        const worse = range.map((kind, i) => (i === at ? DATAPOINT.breaching : kind))
        if (evaluate(range, settings).verdict === 'ALARM') expect(evaluate(worse, settings).verdict).toBe('ALARM')
      }),
    )
  })
})
