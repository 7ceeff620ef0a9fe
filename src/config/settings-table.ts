import { z } from 'zod'
import { apiTokens, TOKEN_CHARS_MIN } from './api-tokens.ts'
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

const threads = z.string().transform((text, context) => {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 256) return Number(text)
  context.addIssue({ code: 'custom', message: `${shown(text)} is not a number of threads (0 to 256)` })
  return z.NEVER
})

const mebibytes = z.string().transform((text, context) => {
  if (/^\d{1,7}$/.test(text) && Number(text) >= 8) return Number(text)
  context.addIssue({ code: 'custom', message: `${shown(text)} is not a number of MiB (8 or more)` })
  return z.NEVER
})

const filled = z.string().min(1)

export interface Setting {
  /** As commander writes it; a secret has none, because a command line can be seen by everybody. */
  readonly flag?: string
  /** The first that is set counts. `NAME_FILE` names a file that holds the value. */
  readonly variables: readonly string[]
  /** Its `NAME_FILE` is a setting of its own, because the file is read again and again. */
  readonly fileIsOwn?: true
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
    description: 'SASL mechanism: plain, scram-sha-256, scram-sha-512 or oauthbearer',
    schema: z.enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']).optional(),
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
  kafkaToken: {
    variables: ['TIDEGAUGE_KAFKA_TOKEN'],
    fileIsOwn: true,
    description: 'with oauthbearer: the token, for as long as it is valid',
    schema: filled.optional(),
  },
  kafkaTokenFile: {
    flag: '--kafka-token-file <path>',
    variables: ['TIDEGAUGE_KAFKA_TOKEN_FILE'],
    description: 'with oauthbearer: a file that somebody keeps filled with a valid token; read again before it expires',
    schema: filled.optional(),
  },
  kafkaTokenCommand: {
    flag: '--kafka-token-command <command>',
    variables: ['TIDEGAUGE_KAFKA_TOKEN_COMMAND'],
    description: 'with oauthbearer: a command of the shell that prints a token; run again before it expires',
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
      'bearer token that opens the whole API; without any token, what changes anything is served to this machine only',
    schema: z.string().min(TOKEN_CHARS_MIN).optional(),
  },
  apiTokens: {
    variables: ['TIDEGAUGE_API_TOKENS'],
    description:
      'further bearer tokens with what they open, one a line or separated by ";": "read,feedback TOKEN" (read, feedback, push, admin)',
    schema: apiTokens().optional(),
  },
  modelsTopic: {
    flag: '--models-topic <name>',
    variables: ['TIDEGAUGE_MODELS_TOPIC'],
    description: 'compacted topic of published models',
    schema: topicName().default('tidegauge.models'),
  },
  taskThreads: {
    flag: '--task-threads <count>',
    variables: ['TIDEGAUGE_TASK_THREADS'],
    description: 'threads that partition tasks run in: one for each core unless told; 0 is the main thread',
    schema: threads.optional(),
  },
  stateDir: {
    flag: '--state-dir <path>',
    variables: ['TIDEGAUGE_STATE_DIR'],
    description: 'directory of checkpoints',
    schema: filled.default('.tidegauge'),
  },
  outputLimit: {
    flag: '--output-limit <MiB>',
    variables: ['TIDEGAUGE_OUTPUT_LIMIT'],
    description: 'embedded: how much is kept of each file of results; the oldest eighth goes first',
    schema: mebibytes.prefault('512'),
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
