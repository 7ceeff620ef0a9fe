import { describe, expect, it } from 'vitest'
import { decideNotification, MemoryDeliveryLog, NOTIFY_DECISIONS } from '../../../src/runtime/notifier.ts'
import { firingEvent } from '../../support/alarm-events.ts'

describe('decideNotification', () => {
  it('sends when there is a channel and nothing holds it', () => {
    expect(decideNotification(firingEvent(), 0)).toBe('notify')
  })

  it('says why it does not', () => {
    expect(decideNotification(firingEvent({ actions: {} }), 0)).toBe('no_action')
    expect(decideNotification(firingEvent({ actionsEnabled: false }), 0)).toBe('actionsDisabled')
    for (const by of ['WaitPeriod', 'ExtensionPeriod', 'Alarm', 'mute'] as const) {
      const held = { ...firingEvent(), actionsHeld: { by, reason: 'because' } }
      expect(decideNotification(held, 0)).toBe(by)
      expect(NOTIFY_DECISIONS).toContain(by)
    }
  })

  it('does not tell of what happened long ago', () => {
    const event = firingEvent()
    const happenedMs = Date.parse(event.state.timestamp)
    expect(decideNotification(event, happenedMs)).toBe('notify')
    expect(decideNotification(event, happenedMs + 1)).toBe('too_old')
  })
})

describe('MemoryDeliveryLog', () => {
  it('remembers by channel, and forgets the oldest', async () => {
    const log = new MemoryDeliveryLog(2)
    await log.add('one', 'a')
    expect(await log.has('one', 'a')).toBe(true)
    expect(await log.has('two', 'a')).toBe(false)
    await log.add('one', 'b')
    await log.add('one', 'c')
    expect(await log.has('one', 'a')).toBe(false)
    expect(await log.has('one', 'c')).toBe(true)
  })
})
