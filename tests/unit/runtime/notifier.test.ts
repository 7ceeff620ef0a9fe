import { describe, expect, it } from 'vitest'
import { decideNotification, MemoryDeliveryLog, NOTIFY_DECISIONS } from '../../../src/runtime/notifier.ts'
import { firingEvent } from '../../support/alarm-events.ts'

describe('decideNotification', () => {
  it('sends when there is a channel and nothing holds it', () => {
    expect(decideNotification(firingEvent())).toBe('notify')
  })

  it('says why it does not', () => {
    expect(decideNotification(firingEvent({ actions: {} }))).toBe('no_action')
    expect(decideNotification(firingEvent({ actionsEnabled: false }))).toBe('actionsDisabled')
    for (const by of ['WaitPeriod', 'ExtensionPeriod', 'Alarm', 'mute'] as const) {
      const held = { ...firingEvent(), actionsHeld: { by, reason: 'because' } }
      expect(decideNotification(held)).toBe(by)
      expect(NOTIFY_DECISIONS).toContain(by)
    }
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
