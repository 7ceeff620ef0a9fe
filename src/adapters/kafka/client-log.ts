import { type LogEntry, logLevel } from 'kafkajs'
import type { Clock } from '../../core/clock.ts'
import { ConditionLog } from '../../runtime/condition-log.ts'
import type { Logger } from '../../runtime/logger.ts'

/**
 * What is part of an ordinary day, and retried: markers of the transaction before are still being written, a
 * coordinator is just being chosen or loads its groups, and what the client says of choices that are ours.
 */
const EXPECTED =
  /another concurrent operation|concurrent transaction|coordinator is (not available|loading)|switched default partitioner|limiting retries for the idempotent producer/i

/**
 * The Kafka client's log in ours. What it calls an error it retries, and what it gives up on reaches us as an
 * exception that is logged where it is handled; so its errors are warnings here, each kind at most once a minute.
 */
export function clientLog(logger: Logger, clock: Clock): (entry: LogEntry) => void {
  const conditions = new ConditionLog(logger, clock)
  return ({ namespace, level, log }) => {
    const { message, timestamp: _, logger: __, stack: ___, ...fields } = log
    if (level > logLevel.WARN || EXPECTED.test(`${message} ${fields['error'] ?? ''}`)) {
      logger.debug(message, { ...fields, part: namespace })
      return
    }
    const kind = `${namespace}: ${message.replace(/\d+/g, '#')}`
    conditions.report(kind, 'warn', message, { ...fields, part: namespace })
  }
}
