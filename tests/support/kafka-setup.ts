import type { TestProject } from 'vitest/node'
import { startLocalBroker } from '../../src/adapters/kafka/local-broker.ts'

declare module 'vitest' {
  interface ProvidedContext {
    kafkaBrokers: readonly string[]
  }
}

/** One Apache Kafka for all integration tests of a run; KAFKA_BROKERS names one that is there already. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['KAFKA_BROKERS']
  if (given !== undefined && given !== '') {
    project.provide('kafkaBrokers', given.split(','))
    return async () => {}
  }
  const broker = await startLocalBroker()
  project.provide('kafkaBrokers', broker.brokers)
  return () => broker.stop()
}
