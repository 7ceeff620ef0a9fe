import { describe, expect, it } from 'vitest'
import { createLogger, type LogOptions } from '../../../../src/adapters/log/logger.ts'
import { TidegaugeError } from '../../../../src/core/errors.ts'

function setUp(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', format: 'json', write: (line) => lines.push(line), ...options })
  return { logger, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

describe('createLogger', () => {
  it('writes one JSON object a line, with level names and fields', () => {
    const { logger, lines, parsed } = setUp()
    logger.info('joined', { topic: 'metrics', partitions: 3, offset: 12345678901234567890n })
    expect(lines[0]).toMatch(/^[^\n]+\n$/)
    expect(parsed()[0]).toEqual({
      level: 'info',
      time: expect.any(Number),
      msg: 'joined',
      topic: 'metrics',
      partitions: 3,
      offset: '12345678901234567890',
    })
  })

  it('holds back what is below its level', () => {
    const { logger, lines } = setUp({ level: 'warn' })
    logger.debug('no')
    logger.info('no')
    logger.warn('yes')
    logger.log('error', 'yes')
    expect(lines).toHaveLength(2)
  })

  it('gives fields to the lines of a child', () => {
    const { logger, parsed } = setUp()
    logger.with({ pipeline: 'web' }).with({ partition: 1 }).warn('slow', { lag: 9 })
    expect(parsed()[0]).toMatchObject({ pipeline: 'web', partition: 1, lag: 9, msg: 'slow' })
  })

  it('takes secrets out, however deep and wherever they stand', () => {
    const { logger, lines } = setUp()
    const error = new Error('401 from https://me:hunter2@example.org/x with Bearer abcdef123456')
    logger.with({ saslPassword: 'hunter2' }).info('connecting', {
      url: 'https://user:hunter2@example.org/hook',
      headers: { authorization: 'hunter2', 'x-api-key': 'hunter2' },
      channels: [{ secret: 'hunter2', name: 'ops' }],
      error,
    })
    expect(lines[0]).not.toContain('hunter2')
    expect(lines[0]).not.toContain('abcdef123456')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      saslPassword: '[redacted]',
      url: 'https://[redacted]@example.org/hook',
      channels: [{ secret: '[redacted]', name: 'ops' }],
    })
  })

  it('says of an expected error where and what to do, and of another one its stack', () => {
    const { logger, parsed } = setUp()
    const expected = new TidegaugeError('TOPIC_MISSING', 'no such topic', { where: 'topic metrics', hint: 'create it' })
    logger.error('source', { error: expected })
    logger.error('bug', { error: new TypeError('x is undefined', { cause: expected }) })
    const [first, second] = parsed()
    expect(first?.['error']).toEqual({
      code: 'TOPIC_MISSING',
      message: 'no such topic',
      where: 'topic metrics',
      hint: 'create it',
    })
    expect(second?.['error']).toMatchObject({
      name: 'TypeError',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { code: 'TOPIC_MISSING' },
    })
  })

  it('survives fields that refer to themselves', () => {
    const { logger, lines } = setUp()
    const loop: Record<string, unknown> = { name: 'loop' }
    loop['self'] = loop
    logger.info('x', { loop })
    expect(lines[0]).toContain('[deeper]')
  })
})

describe('createLogger for people', () => {
  it('writes time, level, message and fields on one line', () => {
    const { logger, lines } = setUp({ format: 'human' })
    logger.warn('topic is missing', { topic: 'metrics', note: 'two words', count: 3 })
    expect(lines).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d\.\d{3} WARN {2}topic is missing topic=metrics note="two words" count=3\n$/,
      ),
    ])
  })

  it('shows an error in one line, and the stack of an unexpected one below', () => {
    const { logger, lines } = setUp({ format: 'human' })
    logger.error('stopped', { error: new TidegaugeError('FENCED', 'another one took over', { hint: 'stop one' }) })
    logger.error('bug', { error: new RangeError('out of range') })
    expect(lines[0]).toMatch(/ERROR stopped error=FENCED "another one took over \(stop one\)"\n$/)
    expect(lines[1]).toMatch(/ERROR bug error=RangeError "out of range"\nRangeError: out of range\n {4}at /)
  })

  it('colours only when asked', () => {
    const plain = setUp({ format: 'human' })
    plain.logger.error('x')
    const coloured = setUp({ format: 'human', colour: true })
    coloured.logger.error('x')
    expect(plain.lines[0]).not.toContain('\u001b')
    expect(coloured.lines[0]).toContain('\u001b[31mERROR\u001b[0m')
  })
})
