import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'

/** The brokers that this run's global set-up started, or those of KAFKA_BROKERS. */
export function kafkaBrokers(): readonly string[] {
  return inject('kafkaBrokers')
}

/** A name that no other test uses: the broker is shared. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`
}
