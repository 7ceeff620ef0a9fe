import { describe, expect, it } from 'vitest'
import type { CompositeOptions } from '../../../src/alarm/composite-alarm.ts'
import { type AlarmInput, alarmOptions } from '../../../src/alarm/options.ts'
import { planAlarms, SeriesAlarms } from '../../../src/alarm/series-alarms.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { asTidegaugeError } from '../../../src/core/errors.ts'
import { makeSeries } from '../../../src/core/series.ts'
import { PERIOD_MS, pointsOf } from '../../support/scored-points.ts'

const SERIES = makeSeries('cpu', { host: 'a' })
const metric = (name: string, more: Partial<AlarmInput> = {}) => alarmOptions({ name, periodMs: PERIOD_MS, ...more })
const composite = (name: string, rule: string, more: Partial<CompositeOptions> = {}): CompositeOptions => ({
  name,
  description: '',
  severity: 'critical',
  rule,
  actions: { alarm: ['pager'], ok: [], insufficientData: [] },
  actionsEnabled: true,
  suppressor: undefined,
  ...more,
})

/** `slow` follows `fast` two periods later; `both` needs both; `worse` is built on `both`, and declared before it. */
const PLAN = {
  pipeline: 'fleet',
  alarms: [metric('fast'), metric('slow', { evaluationPeriods: 3 })],
  composites: [
    composite('worse', 'ALARM(both)', { suppressor: { alarm: 'either', waitMs: PERIOD_MS, extensionMs: PERIOD_MS } }),
    composite('both', 'ALARM(fast) AND ALARM(slow)'),
    composite('either', 'ALARM(fast) OR ALARM(slow)'),
  ],
  mutes: [{ name: 'works', schedule: 'cron(3 10 * * *)', duration: 'PT4M', alarms: ['both'] }],
}

const make = (plan = PLAN) => new SeriesAlarms(planAlarms(plan), SERIES)
const PATTERN = 'OOXXXXOOOOOOO'

function run(alarms: SeriesAlarms, pattern: string, first = 0): string[] {
  return pointsOf(pattern, first).flatMap((point, i) =>
    alarms.evaluate(point).map((event) => {
      const held = event.actionsHeld === null ? '' : ` (${event.actionsHeld.by})`
      const released = event.type === 'alarm.actions_released' ? ' released' : ''
      return `${first + i + 1} ${event.alarm} ${event.state.value}${held}${released}`
    }),
  )
}

describe('SeriesAlarms', () => {
  it('evaluates composites after what they are built on, and holds what is to be held', () => {
    expect(run(make(), PATTERN)).toEqual([
      '1 fast OK',
      '1 slow OK',
      '1 both OK',
      '1 either OK',
      '1 worse OK (WaitPeriod)',
      '2 worse OK released',
      '3 fast ALARM',
      '3 either ALARM',
      '5 slow ALARM',
      '5 both ALARM (mute)',
      '5 worse ALARM (Alarm)',
      '7 fast OK',
      '7 slow OK',
      // The mute ends just before the minute is judged: the incident was still there then.
      '7 both ALARM released',
      '7 both OK',
      '7 either OK',
      '7 worse OK (WaitPeriod)',
      '8 worse OK released',
    ])
  })

  it('a restart at any point changes nothing', () => {
    const undisturbed = run(make(), PATTERN)
    for (let cut = 0; cut <= PATTERN.length; cut++) {
      const before = make()
      const events = run(before, PATTERN.slice(0, cut))
      const writer = new BinaryWriter('TEST', 1)
      before.save(writer)
      const after = make()
      const reader = new BinaryReader(writer.finish(), 'TEST', 1)
      after.load(reader, 'test')
      expect(reader.atEnd()).toBe(true)
      expect(after.records()).toEqual(before.records())
      expect([...events, ...run(after, PATTERN.slice(cut), cut)]).toEqual(undisturbed)
    }
  })

  it('takes over what is still there under the same name and kind', () => {
    const before = make()
    run(before, 'OOXXX')
    const writer = new BinaryWriter('TEST', 1)
    before.save(writer)
    const changed = make({
      ...PLAN,
      alarms: [metric('slow', { evaluationPeriods: 3 }), metric('fast'), metric('new')],
      mutes: [],
    })
    changed.load(new BinaryReader(writer.finish(), 'TEST', 1), 'test')
    expect(Object.fromEntries(changed.records().map(({ name, record }) => [name, record.value]))).toEqual({
      slow: 'ALARM',
      fast: 'ALARM',
      new: 'INSUFFICIENT_DATA',
      either: 'ALARM',
      both: 'ALARM',
      worse: 'ALARM',
    })
  })

  it('has composites only where it has their alarms', () => {
    const alarms = new SeriesAlarms(planAlarms(PLAN), SERIES, ({ name }) => name === 'fast')
    expect(alarms.records().map(({ name }) => name)).toEqual(['fast'])
  })
})

describe('planAlarms', () => {
  it.each([
    [{ composites: [composite('a', 'ALARM(b)'), composite('b', 'OK(a)')] }, 'composites.a.rule', 'a -> b -> a'],
    [{ composites: [composite('a', 'ALARM(fats)')] }, 'composites.a.rule', 'there is no alarm fats'],
    [
      { composites: [composite('a', 'ALARM(fast)', { suppressor: { alarm: 'x', waitMs: 0, extensionMs: 0 } })] },
      'composites.a.suppressor.alarm',
      'there is no alarm x',
    ],
    [
      { mutes: [{ name: 'm', schedule: 'at(2026-01-01T00:00)', duration: 'PT1H', alarms: ['y'] }] },
      'mutes.m.alarms',
      'y',
    ],
  ])('refuses %#', (more, where, message) => {
    try {
      planAlarms({ pipeline: 'fleet', alarms: [metric('fast')], ...more })
      expect.unreachable()
    } catch (thrown) {
      expect(asTidegaugeError(thrown)).toMatchObject({ code: 'CONFIG_INVALID', where })
      expect(asTidegaugeError(thrown).message).toContain(message)
    }
  })
})
