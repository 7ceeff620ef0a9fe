import { describe, expect, it } from 'vitest'
import { parseAlarmEvent } from '../../../src/alarm/alarm-event.ts'
import {
  CompositeAlarm,
  type CompositeOptions,
  compositeAlarmEvent,
  defineComposite,
} from '../../../src/alarm/composite-alarm.ts'
import type { AlarmState } from '../../../src/alarm/state.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { asTidegaugeError } from '../../../src/core/errors.ts'
import { makeSeries } from '../../../src/core/series.ts'
import { START_MS } from '../../support/scored-points.ts'

const OPTIONS: CompositeOptions = {
  name: 'both',
  description: 'high and odd',
  severity: 'critical',
  rule: 'ALARM("high") AND ALARM("odd")',
  actions: { alarm: ['pager'], ok: ['chat'], insufficientData: [] },
  actionsEnabled: true,
  suppressor: { alarm: 'deploying', waitMs: 60_000, extensionMs: 120_000 },
}
const SERIES = makeSeries('cpu', { host: 'a' })
const make = (options = OPTIONS) => new CompositeAlarm(defineComposite(options), SERIES)
const states = (high: AlarmState, odd: AlarmState) => (name: string) => (name === 'high' ? high : odd)

describe('CompositeAlarm', () => {
  it('has too little data until first evaluated, then follows its rule, and speaks only on changes', () => {
    const alarm = make()
    expect(alarm.state).toBe('INSUFFICIENT_DATA')
    const values = [
      states('ALARM', 'OK'),
      states('OK', 'OK'),
      states('ALARM', 'ALARM'),
      states('ALARM', 'ALARM'),
      states('ALARM', 'INSUFFICIENT_DATA'),
    ].map((stateOf, i) => alarm.evaluate(stateOf, START_MS + i)?.to.value)
    expect(values).toEqual(['OK', undefined, 'ALARM', undefined, 'OK'])
  })

  it('says which alarms decided, for people and for machines', () => {
    const transition = make().evaluate(states('ALARM', 'ALARM'), START_MS)
    expect(transition?.to).toEqual({
      value: 'ALARM',
      reasonCode: 'rule_true',
      reason: 'The rule of both is true: high is ALARM, odd is ALARM.',
      timestampMs: START_MS,
    })
    expect(transition?.reasonData).toEqual({
      version: '1.0',
      queryDate: '2026-03-02T10:00:00.000Z',
      triggeringAlarms: [
        { name: 'high', state: 'ALARM' },
        { name: 'odd', state: 'ALARM' },
      ],
    })
  })

  it('a restored one does not speak again', () => {
    const alarm = make()
    alarm.evaluate(states('ALARM', 'ALARM'), START_MS)
    const writer = new BinaryWriter('TEST', 1)
    alarm.save(writer)
    const restored = make()
    restored.load(new BinaryReader(writer.finish(), 'TEST', 1))
    expect(restored.record).toEqual(alarm.record)
    expect(restored.evaluate(states('ALARM', 'ALARM'), START_MS + 1)).toBeUndefined()
  })

  it('a rule that cannot be read says where', () => {
    try {
      defineComposite({ ...OPTIONS, rule: 'ALARM("high") AND' })
      expect.unreachable()
    } catch (thrown) {
      const error = asTidegaugeError(thrown)
      expect(error.where).toBe('composites.both.rule')
      expect(error.message).toBe('the rule ends where an alarm is expected (character 18)')
    }
  })
})

describe('compositeAlarmEvent', () => {
  it('has the shape of every alarm event', () => {
    const transition = make().evaluate(states('ALARM', 'ALARM'), START_MS)
    if (transition === undefined) throw new Error('the first evaluation always decides')
    const event = compositeAlarmEvent('fleet', transition, OPTIONS)
    expect(parseAlarmEvent(JSON.stringify(event))).toEqual({ ok: true, value: event })
    expect(event).toMatchObject({
      alarm: 'both',
      actions: ['pager'],
      actionsHeld: null,
      evidence: null,
      configuration: {
        kind: 'composite',
        alarmRule: OPTIONS.rule,
        actionsSuppressor: 'deploying',
        actionsSuppressorWaitPeriod: 60,
        actionsSuppressorExtensionPeriod: 120,
      },
    })
  })
})
