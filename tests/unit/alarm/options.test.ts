import { describe, expect, it } from 'vitest'
import { type AlarmInput, alarmOptions, alarmProblems, completeAlarm } from '../../../src/alarm/options.ts'
import { TidegaugeError } from '../../../src/core/errors.ts'

const given = (more: Partial<AlarmInput> = {}): AlarmInput => ({ name: 'cpu-high', periodMs: 60_000, ...more })
const fieldsOf = (more: Partial<AlarmInput>, inputs?: readonly string[]) =>
  alarmProblems(completeAlarm(given(more)), inputs).map((problem) => problem.field)

describe('alarmOptions', () => {
  it('fills in the defaults: M is N', () => {
    expect(alarmOptions(given({ evaluationPeriods: 4 }))).toMatchObject({
      on: 'band',
      operator: 'LessThanLowerOrGreaterThanUpperThreshold',
      evaluationPeriods: 4,
      datapointsToAlarm: 4,
      treatMissingData: 'missing',
      actionsEnabled: true,
      actions: { alarm: [], ok: [], insufficientData: [] },
    })
  })

  it('says where, what and what to do', () => {
    const refused = () => alarmOptions(given({ evaluationPeriods: 3, datapointsToAlarm: 4 }))
    expect(refused).toThrow(TidegaugeError)
    expect(refused).toThrow('4 datapoints to alarm out of 3 evaluation periods can never be reached')
    try {
      refused()
    } catch (thrown) {
      expect((thrown as TidegaugeError).where).toBe('alarms.cpu-high.datapointsToAlarm')
      expect((thrown as TidegaugeError).hint).toContain('evaluationPeriods (3)')
    }
  })

  it.each([
    ['no name', { name: '' }, ['name']],
    ['a name that a rule cannot quote', { name: 'a"b' }, ['name']],
    ['M = 0', { datapointsToAlarm: 0 }, ['datapointsToAlarm']],
    ['half a datapoint', { evaluationPeriods: 3, datapointsToAlarm: 1.5 }, ['datapointsToAlarm']],
    ['N = 0', { evaluationPeriods: 0 }, ['evaluationPeriods', 'datapointsToAlarm']],
    ['more than a day', { periodMs: 300_000, evaluationPeriods: 289 }, ['evaluationPeriods']],
    ['more than a week', { periodMs: 3_600_000, evaluationPeriods: 169 }, ['evaluationPeriods']],
    ['a period of nothing', { periodMs: 0 }, ['periodMs']],
    ['a static operator on band', { operator: 'GreaterThanThreshold' }, ['operator']],
    [
      'a band operator on a threshold',
      { on: 'threshold', threshold: 1, operator: 'LessThanLowerThreshold' },
      ['operator'],
    ],
    ['a low grade as an alarm', { on: 'grade', operator: 'LessThanThreshold' }, ['operator']],
    ['no threshold', { on: 'threshold' }, ['threshold']],
    ['an infinite threshold', { on: 'threshold', threshold: Number.POSITIVE_INFINITY }, ['threshold']],
    ['a grade above 1', { on: 'grade', threshold: 1.1 }, ['threshold']],
    ['a forecast of no horizon', { on: 'forecast', threshold: 1 }, ['within']],
    ['a forecast beyond 1000 periods', { on: 'forecast', threshold: 1, within: 61_000_000 }, ['within']],
    ['a sure forecast', { on: 'forecast', threshold: 1, within: 60_000, probability: 1 }, ['probability']],
    ['a forecast of no threshold', { on: 'forecast', within: 60_000 }, ['threshold']],
    ['a confidence in percent', { on: 'grade', minConfidence: 80 }, ['minConfidence']],
  ] as const)('refuses %s', (_, more, fields) => {
    expect(fieldsOf(more as Partial<AlarmInput>)).toEqual(fields)
  })

  it.each([
    ['one day exactly', { periodMs: 60_000, evaluationPeriods: 1440 }],
    ['one week of hours', { periodMs: 3_600_000, evaluationPeriods: 168 }],
    ['a static threshold of 0', { on: 'threshold', threshold: 0 }],
  ] as const)('allows %s', (_, more) => {
    expect(fieldsOf(more as Partial<AlarmInput>)).toEqual([])
  })

  it('wants the input named where there are several, and to exist', () => {
    expect(fieldsOf({}, ['cpu', 'memory'])).toEqual(['input'])
    expect(fieldsOf({ input: 'disk' }, ['cpu', 'memory'])).toEqual(['input'])
    expect(fieldsOf({ input: 'cpu' }, ['cpu', 'memory'])).toEqual([])
    expect(fieldsOf({ on: 'grade' }, ['cpu', 'memory'])).toEqual([])
    expect(fieldsOf({}, ['cpu'])).toEqual([])
  })
})
