import { z } from 'zod'
import { duration, topicName } from './schema/fields.ts'
import { shown } from './validate.ts'

const BROKER = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/

/** `host:port,host:port` as a list. */
const brokers = z.string().transform((text, context) => {
  const list = text.split(',').map((part) => part.trim())
  for (const broker of list) {
    const port = Number(BROKER.exec(broker)?.[2] ?? 0)
    if (port >= 1 && port <= 65_535) continue
    context.addIssue({ code: 'custom', message: `${shown(broker)} is not a broker (host:port, several with commas)` })
  }
  return list
})

const port = z.string().transform((text, context) => {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  context.addIssue({ code: 'custom', message: `${shown(text)} is not a port (0 to 65535; 0 takes a free one)` })
  return z.NEVER
})

const filled = z.string().min(1)

/** Tokens are compared as they are; a short one can be guessed. */
const token = z.string().min(16)

export interface Setting {
  /** As commander writes it; a secret has none, because a command line can be seen by everybody. */
  readonly flag?: string
  /** The first that is set counts. `NAME_FILE` names a file that holds the value. */
  readonly variables: readonly string[]
  readonly description: string
  readonly schema: z.ZodType<unknown, string | undefined>
}

/**
 * What a process is told about its machine, as against what a pipeline file says. A flag wins over a variable, a
 * variable over the default.
 */
export const SETTINGS = {
  brokers: {
    flag: '--brokers <host:port,...>',
    variables: ['TIDEGAUGE_BROKERS', 'KAFKA_BROKERS'],
    description: 'brokers of Apache Kafka',
    schema: brokers.optional(),
  },
  clientId: {
    flag: '--client-id <name>',
    variables: ['TIDEGAUGE_CLIENT_ID'],
    description: 'how brokers see this process',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,100}$/, { error: 'must be letters, digits, dots, _ and -' })
      .default('tidegauge'),
  },
  kafkaTls: {
    flag: '--kafka-tls <on|off>',
    variables: ['TIDEGAUGE_KAFKA_TLS'],
    description: 'speak TLS with the brokers',
    schema: z
      .enum(['on', 'off'])
      .default('off')
      .transform((text) => text === 'on'),
  },
  kafkaCaFile: {
    flag: '--kafka-ca-file <path>',
    variables: ['TIDEGAUGE_KAFKA_CA_FILE'],
    description: 'PEM file of the authority that signed the brokers, when the system does not know it',
    schema: filled.optional(),
  },
  kafkaCertFile: {
    flag: '--kafka-cert-file <path>',
    variables: ['TIDEGAUGE_KAFKA_CERT_FILE'],
    description: "PEM file of this client's certificate",
    schema: filled.optional(),
  },
  kafkaKeyFile: {
    flag: '--kafka-key-file <path>',
    variables: ['TIDEGAUGE_KAFKA_KEY_FILE'],
    description: "PEM file of this client's key",
    schema: filled.optional(),
  },
  kafkaSasl: {
    flag: '--kafka-sasl <mechanism>',
    variables: ['TIDEGAUGE_KAFKA_SASL'],
    description: 'SASL mechanism: plain, scram-sha-256 or scram-sha-512',
    schema: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  },
  kafkaUsername: {
    flag: '--kafka-username <name>',
    variables: ['TIDEGAUGE_KAFKA_USERNAME'],
    description: 'SASL user',
    schema: filled.optional(),
  },
  kafkaPassword: {
    variables: ['TIDEGAUGE_KAFKA_PASSWORD'],
    description: 'SASL password',
    schema: filled.optional(),
  },
  kafkaSessionTimeout: {
    flag: '--kafka-session-timeout <duration>',
    variables: ['TIDEGAUGE_KAFKA_SESSION_TIMEOUT'],
    description: 'how long a process that was killed keeps its partitions; the brokers have a smallest value',
    schema: duration({ min: '1s', max: '30m' }).prefault('10s'),
  },
  httpHost: {
    flag: '--http-host <address>',
    variables: ['TIDEGAUGE_HTTP_HOST'],
    description: 'address that /metrics, health and the API listen on',
    schema: filled.default('127.0.0.1'),
  },
  httpPort: {
    flag: '--http-port <port>',
    variables: ['TIDEGAUGE_HTTP_PORT'],
    description: 'port that they listen on; 0 takes a free one',
    schema: port.prefault('9469'),
  },
  apiToken: {
    variables: ['TIDEGAUGE_API_TOKEN'],
    description:
      'bearer token that the API asks for; without one, what changes anything is served to this machine only',
    schema: token.optional(),
  },
  modelsTopic: {
    flag: '--models-topic <name>',
    variables: ['TIDEGAUGE_MODELS_TOPIC'],
    description: 'compacted topic of published models',
    schema: topicName().default('tidegauge.models'),
  },
  stateDir: {
    flag: '--state-dir <path>',
    variables: ['TIDEGAUGE_STATE_DIR'],
    description: 'directory of checkpoints',
    schema: filled.default('.tidegauge'),
  },
  logLevel: {
    flag: '--log-level <level>',
    variables: ['TIDEGAUGE_LOG_LEVEL'],
    description: 'debug, info, warn or error',
    schema: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  },
} as const satisfies Readonly<Record<string, Setting>>

export type SettingName = keyof typeof SETTINGS
export type SettingValues = { -readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> }
