import { describe, expect, it } from 'vitest'
import * as setup from '../../../../deploy/setup/kafka.mjs'
import { KAFKA_VERSION, kafkaLibs } from '../../../../src/adapters/kafka/local-broker.ts'

describe('the broker on this machine', () => {
  it('is looked for where the set-up puts it', () => {
    expect(KAFKA_VERSION).toBe(setup.kafkaVersion())
    expect(kafkaLibs()).toBe(setup.kafkaLibs())
    expect(kafkaLibs({ XDG_CACHE_HOME: '/var/cache' })).toBe(`/var/cache/tidegauge/kafka-${KAFKA_VERSION}/libs`)
  })
})
