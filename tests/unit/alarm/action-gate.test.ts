import { describe, expect, it } from 'vitest'
import { ActionGate } from '../../../src/alarm/action-gate.ts'
import type { AlarmEvent } from '../../../src/alarm/alarm-event.ts'
import { MuteRule } from '../../../src/alarm/mute.ts'
import type { SuppressionOptions } from '../../../src/alarm/suppression.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { alarmEvents } from '../../support/alarm-events.ts'
import { PERIOD_MS, START_MS } from '../../support/scored-points.ts'

/** From the third to the sixth minute. */
const MUTE = new MuteRule({ name: 'works', schedule: 'cron(3 10 * * *)', duration: 'PT3M', alarms: ['cpu-high'] })
const SUPPRESSOR: SuppressionOptions = { alarm: 'deploying', waitMs: 2 * PERIOD_MS, extensionMs: PERIOD_MS }
const minute = (count: number) => START_MS + count * PERIOD_MS

const described = (event: AlarmEvent) =>
  event.type === 'alarm.actions_released'
    ? `${event.previousState.value}->${event.state.value} released`
    : `${event.previousState.value}->${event.state.value}${event.actionsHeld === null ? '' : ` held by ${event.actionsHeld.by}`}`

/** Runs a pattern of points through an alarm and its gate; `suppressor` has A where the suppressor is in ALARM. */
function run(gate: ActionGate, pattern: string, suppressor = ''): string[] {
  const events = alarmEvents(pattern)
  return [...pattern].flatMap((_, i) => {
    const atMs = minute(i + 1)
    const released = gate.advance(atMs, suppressor[i] === 'A')
    const event = events.find((one) => Date.parse(one.state.timestamp) === atMs)
    const passed = event === undefined ? undefined : gate.pass(event, atMs)
    return [released, passed].flatMap((one) => (one === undefined ? [] : [`${i + 1}: ${described(one)}`]))
  })
}

describe('ActionGate', () => {
  it('lets events pass when nothing holds them', () => {
    const event = alarmEvents('X')[0]
    if (event !== undefined) expect(new ActionGate('cpu-high', []).pass(event, minute(1))).toBe(event)
    expect(event).toBeDefined()
  })

  it('a mute: an incident that is still there when it ends is told then', () => {
    expect(run(new ActionGate('cpu-high', [MUTE]), 'OOOXXXXX')).toEqual([
      '1: INSUFFICIENT_DATA->OK',
      '4: OK->ALARM held by mute',
      '6: OK->ALARM released',
    ])
  })

  it('a mute: one that came and went in the silence is not', () => {
    expect(run(new ActionGate('cpu-high', [MUTE]), 'OOOXOOOO')).toEqual([
      '1: INSUFFICIENT_DATA->OK',
      '4: OK->ALARM held by mute',
      '5: ALARM->OK held by mute',
    ])
  })

  it('a mute: the end of an incident that was told before is told after it', () => {
    expect(run(new ActionGate('cpu-high', [MUTE]), 'OXXXOOOO')).toEqual([
      '1: INSUFFICIENT_DATA->OK',
      '2: OK->ALARM',
      '5: ALARM->OK held by mute',
      '6: ALARM->OK released',
    ])
  })

  it('does not touch the events of other alarms', () => {
    expect(run(new ActionGate('disk-full', [MUTE]), 'OOOXXX')).toEqual(['1: INSUFFICIENT_DATA->OK', '4: OK->ALARM'])
  })

  it('a suppressor: actions wait, and run when it does not go into ALARM', () => {
    expect(run(new ActionGate('cpu-high', [], SUPPRESSOR), 'OOOXXXX')).toEqual([
      '1: INSUFFICIENT_DATA->OK held by WaitPeriod',
      '3: INSUFFICIENT_DATA->OK released',
      '4: OK->ALARM held by WaitPeriod',
      '6: OK->ALARM released',
    ])
  })

  it('a suppressor in ALARM holds, and its leaving releases after the extension', () => {
    expect(run(new ActionGate('cpu-high', [], SUPPRESSOR), 'OOOXXXXXX', '....AA...')).toEqual([
      '1: INSUFFICIENT_DATA->OK held by WaitPeriod',
      '3: INSUFFICIENT_DATA->OK released',
      '4: OK->ALARM held by WaitPeriod',
      '8: OK->ALARM released',
    ])
  })

  it('what the suppressor lets go can still be muted', () => {
    expect(run(new ActionGate('cpu-high', [MUTE], { ...SUPPRESSOR, waitMs: PERIOD_MS }), 'OOXXXXXX')).toEqual([
      '1: INSUFFICIENT_DATA->OK held by WaitPeriod',
      '2: INSUFFICIENT_DATA->OK released',
      '3: OK->ALARM held by WaitPeriod',
      '6: OK->ALARM released',
    ])
  })

  it('leaves an event of an alarm whose actions are disabled as it is', () => {
    const [event] = alarmEvents('X', { actionsEnabled: false })
    const gate = new ActionGate('cpu-high', [], SUPPRESSOR)
    if (event !== undefined) expect(gate.pass(event, minute(1)).actionsHeld?.by).toBe('actionsDisabled')
    expect(gate.advance(minute(9), false)).toBeUndefined()
  })

  it('gives a released event an id of its own, the same in every replay', () => {
    const releasedId = () => {
      const gate = new ActionGate('cpu-high', [MUTE])
      const [event] = alarmEvents('X')
      if (event === undefined) throw new Error('the first point always decides')
      expect(gate.pass(event, minute(4)).id).toBe(event.id)
      const released = gate.advance(minute(6), false)
      expect(released?.id).not.toBe(event.id)
      expect(released?.actionsHeld).toBeNull()
      return released?.id
    }
    expect(releasedId()).toBe(releasedId())
  })

  it.each([1, 2, 3, 4, 5, 6, 7])('goes on after a restart at minute %i', (cut) => {
    const pattern = 'OXOXXXXXX'
    const suppressor = '.....A...'
    const make = () => new ActionGate('cpu-high', [MUTE], SUPPRESSOR)
    const undisturbed = make()
    const restarted = make()
    const all = [undisturbed, restarted].map((gate) => run(gate, pattern.slice(0, cut), suppressor))
    const writer = new BinaryWriter('TEST', 1)
    restarted.save(writer)
    const reader = new BinaryReader(writer.finish(), 'TEST', 1)
    const restored = make()
    restored.load(reader)
    expect(reader.atEnd()).toBe(true)
    const rest = [undisturbed, restored].map((gate) =>
      [...pattern].slice(cut).flatMap((_, i) => {
        const released = gate.advance(minute(cut + i + 1), suppressor[cut + i] === 'A')
        return released === undefined ? [] : [JSON.stringify(released)]
      }),
    )
    expect(all[0]).toEqual(all[1])
    expect(rest[0]).toEqual(rest[1])
  })

  it('releases what it held when suppressor and mutes are taken out of the configuration', () => {
    const gate = new ActionGate('cpu-high', [MUTE], SUPPRESSOR)
    const [event] = alarmEvents('X')
    if (event === undefined) throw new Error('the first point always decides')
    gate.pass(event, minute(4))
    const writer = new BinaryWriter('TEST', 1)
    gate.save(writer)
    const bare = new ActionGate('cpu-high', [])
    const reader = new BinaryReader(writer.finish(), 'TEST', 1)
    bare.load(reader)
    expect(reader.atEnd()).toBe(true)
    expect(bare.advance(minute(5), false)).toMatchObject({ type: 'alarm.actions_released', actionsHeld: null })
  })
})
