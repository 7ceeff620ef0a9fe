import { describe, expect, it } from 'vitest'
import { ConditionLog } from '../../../src/runtime/condition-log.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'

function setUp(repeatMs = 60_000) {
  const logger = new RecordingLogger()
  const clock = { ms: 1_000_000, nowMs: () => clock.ms }
  return { logger, clock, conditions: new ConditionLog(logger, clock, repeatMs) }
}

describe('ConditionLog', () => {
  it('writes a condition once, and again after the interval with how often it held', () => {
    const { logger, clock, conditions } = setUp()
    expect(conditions.report('topic', 'warn', 'topic is missing', { topic: 'a' })).toBe(true)
    for (let i = 0; i < 5; i++) expect(conditions.report('topic', 'warn', 'topic is missing')).toBe(false)
    clock.ms += 60_000
    expect(conditions.report('topic', 'warn', 'topic is missing', { topic: 'a' })).toBe(true)
    expect(logger.lines).toEqual([
      { level: 'warn', message: 'topic is missing', fields: { topic: 'a' } },
      { level: 'warn', message: 'topic is missing', fields: { topic: 'a', suppressed: 5 } },
    ])
  })

  it('keeps conditions apart by key', () => {
    const { logger, conditions } = setUp()
    conditions.report('a', 'warn', 'one')
    conditions.report('b', 'error', 'two')
    expect(logger.lines.map((line) => line.message)).toEqual(['one', 'two'])
  })

  it('says once that a condition is over, and only if it was reported', () => {
    const { logger, conditions } = setUp()
    conditions.clear('a', 'is back')
    conditions.report('a', 'warn', 'gone')
    conditions.report('a', 'warn', 'gone')
    conditions.clear('a', 'is back')
    conditions.clear('a', 'is back')
    conditions.report('a', 'warn', 'gone')
    expect(logger.lines).toEqual([
      { level: 'warn', message: 'gone', fields: {} },
      { level: 'info', message: 'is back', fields: { suppressed: 1 } },
      { level: 'warn', message: 'gone', fields: {} },
    ])
  })

  it('forgets the condition reported longest ago when there are too many', () => {
    const { logger, conditions } = setUp()
    conditions.report('first', 'warn', 'first')
    for (let i = 0; i < 999; i++) conditions.report(`c${i}`, 'warn', 'x')
    conditions.report('first', 'warn', 'first')
    conditions.report('one more', 'warn', 'x')
    expect(conditions.report('first', 'warn', 'first')).toBe(false)
    expect(conditions.report('c0', 'warn', 'x')).toBe(true)
    expect(logger.lines.filter((line) => line.message === 'first')).toHaveLength(1)
  })
})
