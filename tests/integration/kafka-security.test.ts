import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from '../../src/adapters/kafka/client.ts'
import { KafkaSource } from '../../src/adapters/kafka/source.ts'
import { ensureTopics } from '../../src/adapters/kafka/topics.ts'
import { kafkaConnection } from '../../src/app/kafka-connection.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { silentTelemetry } from '../../src/runtime/telemetry.ts'
import { eventually, publish, uniqueName } from '../support/kafka.ts'
import { CollectingConsumer, resume } from '../support/kafka-consumer.ts'
import { RecordingLogger } from '../support/recording-logger.ts'
import {
  makeAuthority,
  SECURE_USER,
  type SecureBroker,
  startSecureBroker,
  unsecuredToken,
} from '../support/secure-kafka.ts'

let broker: SecureBroker
beforeAll(async () => {
  broker = await startSecureBroker()
})
afterAll(() => broker?.stop())

/** A source as the settings of a process make it: variables as an operator would set them. */
function sourceOf(brokers: readonly string[], variables: Readonly<Record<string, string>>) {
  const all: Readonly<Record<string, string>> = { TIDEGAUGE_BROKERS: brokers.join(','), ...variables }
  const settings = loadSettings({}, { variable: (name) => all[name], file: () => undefined })
  if (!settings.ok) throw settings.error
  const connection = kafkaConnection(settings.value.kafka)
  if (connection === undefined) throw new Error('no brokers')
  const logger = new RecordingLogger()
  const stalls: string[] = []
  const kafka = createClient(connection, logger)
  const source = new KafkaSource(
    { pipeline: 'test', group: uniqueName('group'), missingTopic: 'wait' },
    {
      kafka,
      clock: { nowMs: () => Date.now() },
      logger,
      telemetry: silentTelemetry,
      onFailed: () => {},
      onStalled: (error) => stalls.push(error?.describe() ?? 'reading again'),
    },
  )
  onTestFinished(() => source.stop())
  return { source, kafka, logger, stalls }
}

/** Makes a topic, writes to it and reads it, all over the same connection. */
async function roundTrip(brokers: readonly string[], variables: Readonly<Record<string, string>>) {
  const { source, kafka, logger } = sourceOf(brokers, variables)
  const topic = uniqueName('topic')
  await ensureTopics(kafka, [{ topic, partitions: 1 }])
  await publish(topic, [{ value: 'over a safe line' }], kafka)
  const consumer = new CollectingConsumer(resume)
  await source.start([topic], consumer)
  await eventually(() => consumer.values.includes('over a safe line'))
  return { consumer, topic, kafka, logger }
}

const trusting = () => ({ TIDEGAUGE_KAFKA_TLS: 'on', TIDEGAUGE_KAFKA_CA_FILE: broker.authority.caFile })
const asUser = (mechanism: string, password: string = SECURE_USER.password) => ({
  ...trusting(),
  TIDEGAUGE_KAFKA_SASL: mechanism,
  TIDEGAUGE_KAFKA_USERNAME: SECURE_USER.username,
  TIDEGAUGE_KAFKA_PASSWORD: password,
})
const withToken = (token: Readonly<Record<string, string>>) => ({
  ...trusting(),
  TIDEGAUGE_KAFKA_SASL: 'oauthbearer',
  ...token,
})

/** Starting is refused, and this is said. */
async function refusal(brokers: readonly string[], variables: Readonly<Record<string, string>>) {
  const { source, logger } = sourceOf(brokers, variables)
  const error = await source.start(['any'], new CollectingConsumer(resume)).then(
    () => undefined,
    (thrown: unknown) => thrown as { code: string; describe(): string },
  )
  return { code: error?.code, said: error?.describe() ?? '', log: JSON.stringify(logger.lines) }
}

describe('TLS', () => {
  it('with an authority of our own', () => roundTrip(broker.tls, trusting()))

  it('with a certificate of the client', async () => {
    const { certFile, keyFile } = broker.authority.sign('client')
    const own = { TIDEGAUGE_KAFKA_CERT_FILE: certFile, TIDEGAUGE_KAFKA_KEY_FILE: keyFile }
    await roundTrip(broker.mutual, { ...trusting(), ...own })
  })

  it.each([
    ['an authority that nobody named', () => ({ TIDEGAUGE_KAFKA_TLS: 'on' }), /TIDEGAUGE_KAFKA_CA_FILE/],
    [
      'another authority',
      () => {
        const other = makeAuthority('Other CA')
        onTestFinished(() => other.remove())
        return { TIDEGAUGE_KAFKA_TLS: 'on', TIDEGAUGE_KAFKA_CA_FILE: other.caFile }
      },
      /TIDEGAUGE_KAFKA_CA_FILE/,
    ],
  ])('is refused with %s, naming the setting', async (_, variables, setting) => {
    const { code, said } = await refusal(broker.tls, variables())
    expect(code).toBe('BROKER_REFUSED')
    expect(said).toMatch(setting)
  })

  it('is refused without a certificate where one is asked for, naming the setting', async () => {
    const { code, said } = await refusal(broker.mutual, trusting())
    expect(code).toBe('BROKER_REFUSED')
    expect(said).toMatch(/TIDEGAUGE_KAFKA_CERT_FILE/)
  })

  it('is waited for, saying so, when the listener does not speak it', async () => {
    const { source, stalls } = sourceOf(broker.open, trusting())
    source.start(['any'], new CollectingConsumer(resume)).catch(() => {})
    await eventually(() => stalls.some((stall) => /TIDEGAUGE_KAFKA_TLS/.test(stall)))
  })
})

describe('SASL over TLS', () => {
  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('%s with the right password', async (mechanism) => {
    const { logger } = await roundTrip(broker.sasl, asUser(mechanism))
    expect(JSON.stringify(logger.lines)).not.toContain(SECURE_USER.password)
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    '%s with a wrong password is refused, and it is in no line',
    async (mechanism) => {
      const { code, said, log } = await refusal(broker.sasl, asUser(mechanism, 'ebb-and-flow-4711'))
      expect(code).toBe('BROKER_REFUSED')
      expect(said).toMatch(/TIDEGAUGE_KAFKA_PASSWORD/)
      expect(said + log).not.toContain('ebb-and-flow-4711')
    },
  )
})

describe('OAUTHBEARER', () => {
  const folderFile = (name: string) => join(broker.authority.folder, name)

  it('with a token of a variable, and of a command', async () => {
    const token = unsecuredToken('gauge', 600)
    const { logger } = await roundTrip(broker.sasl, withToken({ TIDEGAUGE_KAFKA_TOKEN: token }))
    expect(JSON.stringify(logger.lines)).not.toContain(token)
    writeFileSync(folderFile('printed'), `${token}\n`)
    const command = `cat ${folderFile('printed')}`
    await roundTrip(broker.sasl, withToken({ TIDEGAUGE_KAFKA_TOKEN_COMMAND: command }))
  })

  it('with a token of a file that is replaced before it expires: reading goes on past its end', async () => {
    const path = folderFile('token')
    const lifeSeconds = 14
    const renew = () => writeFileSync(path, unsecuredToken('gauge', lifeSeconds))
    renew()
    const timer = setInterval(renew, 2_000)
    onTestFinished(() => clearInterval(timer))
    const startedMs = Date.now()
    const { consumer, topic, logger } = await roundTrip(broker.sasl, withToken({ TIDEGAUGE_KAFKA_TOKEN_FILE: path }))
    // Longer than the first token, and than the session that the broker gave it.
    const outliving = startedMs + (lifeSeconds + 4) * 1_000
    await eventually(() => Date.now() > outliving, 30_000)
    await publish(
      topic,
      [{ value: 'after the first token' }],
      createClient({ brokers: broker.open, clientId: 'test' }, logger),
    )
    await eventually(() => consumer.values.includes('after the first token')).catch(() => {
      throw new Error(JSON.stringify(logger.lines))
    })
    expect(consumer.values).toEqual(['over a safe line', 'after the first token'])
  })

  it('says which setting holds a token that has expired, before it is sent', async () => {
    const expired = unsecuredToken('gauge', -60)
    const { code, said, log } = await refusal(broker.sasl, withToken({ TIDEGAUGE_KAFKA_TOKEN: expired }))
    expect(code).toBe('BROKER_REFUSED')
    expect(said).toMatch(/TIDEGAUGE_KAFKA_TOKEN: gives a token that expired at/)
    expect(said + log).not.toContain(expired)
  })

  it('is refused with a token that the brokers do not take, naming the settings', async () => {
    const { code, said } = await refusal(broker.sasl, withToken({ TIDEGAUGE_KAFKA_TOKEN: 'not-a-token-at-all' }))
    expect(code).toBe('BROKER_REFUSED')
    expect(said).toMatch(/TIDEGAUGE_KAFKA_TOKEN/)
  })
})
