import { logLevel } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { clientLog } from '../../../../src/adapters/kafka/client-log.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'

describe("the Kafka client's log", () => {
  const entry = (level: logLevel, message: string) => ({
    namespace: 'Connection',
    level,
    label: '',
    log: { timestamp: '', logger: 'kafkajs', message, broker: 'b', stack: 'long' },
  })

  it('is ours, less loud, without stacks, and each kind of line once a minute', () => {
    const logger = new RecordingLogger()
    let nowMs = 0
    const log = clientLog(logger, { nowMs: () => nowMs })
    log(entry(logLevel.ERROR, 'Connection timeout after 1000 ms'))
    log(entry(logLevel.ERROR, 'Connection timeout after 1012 ms'))
    nowMs = 61_000
    log(entry(logLevel.ERROR, 'Connection timeout after 1003 ms'))
    expect(logger.lines.map(({ level, message, fields }) => [level, message, fields])).toEqual([
      ['warn', 'Connection timeout after 1000 ms', { broker: 'b', part: 'Connection' }],
      ['warn', 'Connection timeout after 1003 ms', { broker: 'b', part: 'Connection', suppressed: 1 }],
    ])
  })

  it('does not alarm anybody about what is part of every transaction', () => {
    const logger = new RecordingLogger()
    const message =
      'Failed to send messages: The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing'
    clientLog(logger, { nowMs: () => 0 })(entry(logLevel.ERROR, message))
    expect(logger.lines.map((line) => line.level)).toEqual(['debug'])
    const answer = entry(logLevel.ERROR, 'Response GroupCoordinator(key: 10, version: 2)')
    const log = { ...answer.log, error: 'The group coordinator is not available' }
    clientLog(logger, { nowMs: () => 0 })({ ...answer, log })
    expect(logger.lines.map((line) => line.level)).toEqual(['debug', 'debug'])
  })
})
