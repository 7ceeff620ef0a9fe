import { describe, expect, it } from 'vitest'
import { Suppression, type SuppressionPhase } from '../../../src/alarm/suppression.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'

const OPTIONS = { alarm: 'deploying', waitMs: 2, extensionMs: 3 }

/**
 * Runs a timeline with one letter an instant: in `composite`, C is a change of state; in `suppressor`, A is ALARM.
 * Gives the phase after each instant: - nothing is held, W, E, A.
 */
function phases(composite: string, suppressor: string, suppression = new Suppression(OPTIONS)): string {
  const letters: Readonly<Record<SuppressionPhase, string>> = {
    none: '-',
    WaitPeriod: 'W',
    ExtensionPeriod: 'E',
    Alarm: 'A',
  }
  return [...composite]
    .map((letter, at) => {
      suppression.advance(at, suppressor[at] === 'A')
      if (letter === 'C') suppression.changed(at)
      return letters[suppression.phase]
    })
    .join('')
}

describe('Suppression: the examples of the CloudWatch user guide', () => {
  it('1: actions run when the wait period ends and the suppressor did not go into ALARM', () => {
    expect(phases('..C.....', '........')).toBe('--WW----')
  })

  it('2: the suppressor goes into ALARM before the wait ends: held, and through the extension period', () => {
    expect(phases('..C........', '...AA......')).toBe('--WAAEEE---')
  })

  it('3: a change during the wait period starts it again', () => {
    expect(phases('..CC....', '........')).toBe('--WWW---')
  })

  it('4: changes while the suppressor is in ALARM are held as well', () => {
    expect(phases('..C.C......', '...AAA.....')).toBe('--WAAAEEE--')
  })

  it('5: a change during the extension period drops it for a new wait period', () => {
    expect(phases('..C...C....', '...AA......')).toBe('--WAAEWW---')
  })

  it('6: the suppressor coming back during the extension period holds on', () => {
    expect(phases('..C...........', '...AA.A.......')).toBe('--WAAEAEEE----')
  })
})

describe('Suppression', () => {
  it('holds a change that comes while the suppressor is in ALARM already', () => {
    expect(phases('..C......', 'AAAA.....')).toBe('--AAEEE--')
  })

  it('a suppressor that comes and goes while nothing waits is no matter', () => {
    expect(phases('.........', '.AAA.....')).toBe('---------')
  })

  it('a suppressor that goes into ALARM just when the wait ends still holds', () => {
    expect(phases('C........', '..A......')).toBe('WWAEEE---')
  })

  it('a wait that ended between two instants ended before the suppressor went into ALARM at the second', () => {
    const suppression = new Suppression(OPTIONS)
    suppression.advance(0, false)
    expect(suppression.changed(0)).toBe('WaitPeriod')
    suppression.advance(10, true)
    expect(suppression.phase).toBe('none')
  })

  it('without a wait, actions run at once', () => {
    expect(phases('.C...', '.....', new Suppression({ ...OPTIONS, waitMs: 0 }))).toBe('-----')
  })

  it('goes on after a restart, and drops the period of another suppressor', () => {
    const suppression = new Suppression(OPTIONS)
    suppression.changed(5)
    const writer = new BinaryWriter('TEST', 1)
    suppression.save(writer)
    const bytes = writer.finish()
    const load = (options: typeof OPTIONS) => {
      const restored = new Suppression(options)
      restored.load(new BinaryReader(bytes, 'TEST', 1))
      return [restored.phase, restored.untilMs]
    }
    expect(load(OPTIONS)).toEqual(['WaitPeriod', 7])
    expect(load({ ...OPTIONS, alarm: 'other' })).toEqual(['none', Number.NaN])
  })
})
