import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from '../../src/adapters/kafka/client.ts'
import type { KafkaCredentials } from '../../src/adapters/kafka/connection.ts'
import { type LocalBroker, startLocalBroker } from '../../src/adapters/kafka/local-broker.ts'
import { KafkaSource } from '../../src/adapters/kafka/source.ts'
import { ensureTopics } from '../../src/adapters/kafka/topics.ts'
import { silentTelemetry } from '../../src/runtime/telemetry.ts'
import { eventually, publish, uniqueName } from '../support/kafka.ts'
import { CollectingConsumer, resume } from '../support/kafka-consumer.ts'
import { freePort } from '../support/ports.ts'
import { RecordingLogger } from '../support/recording-logger.ts'

describe('a broker that wants credentials', () => {
  let broker: LocalBroker
  let guarded: readonly string[] = []

  beforeAll(async () => {
    const port = await freePort()
    guarded = [`127.0.0.1:${port}`]
    broker = await startLocalBroker({
      properties: {
        listeners: `PLAINTEXT://127.0.0.1:PORT,GUARDED://127.0.0.1:${port},CONTROLLER://127.0.0.1:CONTROLLER_PORT`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:PORT,GUARDED://127.0.0.1:${port}`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,GUARDED:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name': 'PLAINTEXT',
        'sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.guarded.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_gauge="tide";',
      },
    })
  })

  afterAll(() => broker.stop())

  function guardedSource(credentials: KafkaCredentials) {
    const logger = new RecordingLogger()
    const kafka = createClient({ brokers: guarded, clientId: 'test', credentials }, logger)
    const source = new KafkaSource(
      { pipeline: 'test', group: uniqueName('group'), missingTopic: 'wait' },
      { kafka, clock: { nowMs: () => Date.now() }, logger, telemetry: silentTelemetry, onFailed: () => {} },
    )
    onTestFinished(() => source.stop())
    return { source, kafka, logger }
  }

  it('is read with the right ones', async () => {
    const { source, kafka } = guardedSource({ mechanism: 'plain', username: 'gauge', password: 'tide' })
    const topic = uniqueName('topic')
    await ensureTopics(kafka, [{ topic, partitions: 1 }])
    await publish(topic, [{ value: 'secret' }], kafka)
    const consumer = new CollectingConsumer(resume)
    await source.start([topic], consumer)
    await eventually(() => consumer.values.includes('secret'))
  })

  it('refuses the wrong ones: reading ends with a reason, and the password is in no line', async () => {
    const { source, logger } = guardedSource({ mechanism: 'plain', username: 'gauge', password: 'ebb-and-flow' })
    await expect(source.start(['any'], new CollectingConsumer(resume))).rejects.toMatchObject({
      code: 'BROKER_REFUSED',
    })
    expect(JSON.stringify(logger.lines)).not.toContain('ebb-and-flow')
  })
})
