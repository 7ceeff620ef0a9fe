import { type ErrorCode, TidegaugeError } from '../../core/errors.ts'

interface KafkaFailure {
  readonly name: string
  readonly message: string
  /** The protocol's name of the error, such as NOT_COORDINATOR_FOR_GROUP. */
  readonly type?: string
  /** The protocol's number, or the system's name (ECONNREFUSED). */
  readonly code?: number | string
  readonly retriable?: boolean
  readonly cause?: unknown
}

/**
 * The producer's identity is gone: a newer producer has the id, or the broker ended our transaction. Only opening the
 * sink again tells which.
 */
const FENCED = new Set([
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'TRANSACTION_COORDINATOR_FENCED',
  'INVALID_TXN_STATE',
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
])
/** PRODUCER_FENCED is younger than the client's table of errors, which then keeps only its number, in a sentence. */
const PRODUCER_FENCED = /^Unknown error code 90$/

/** Of this connection: another one begins anew. It comes of a second authentication within a second. */
const CONNECTION_SPENT = new Set(['ILLEGAL_SASL_STATE'])

const TOPIC_MISSING = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'KafkaJSTopicMetadataNotLoaded'])

/** What the broker will answer the same way next time. */
const REFUSED =
  /AUTHENTICATION|AUTHORIZATION_FAILED|UNSUPPORTED_|MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE|POLICY_VIOLATION|INVALID_(TOPIC|CONFIG|REPLICA|PARTITIONS|SESSION_TIMEOUT)|INCONSISTENT_GROUP|GROUP_MAX_SIZE|KafkaJSSASL|CERT|UNABLE_TO_VERIFY|EPROTO|KafkaJSNotImplemented/

const HINTS: Partial<Record<ErrorCode, string>> = {
  TOPIC_MISSING: 'create the topic, or correct its name in the pipeline',
  BROKER_UNREACHABLE: 'is the broker running, and are its advertised listeners reachable from here?',
  BROKER_REFUSED: "check the credentials, the ACLs of this client and the topic's limits",
}

/** What a failure is about in particular, and the settings that mend it. The first that matches is told. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER/,
    "who signed the brokers' certificate is not known here: name the authority's file in TIDEGAUGE_KAFKA_CA_FILE",
  ],
  [/CERT_ALTNAME/, "the brokers' certificate is for another name: dial them by a name in it (TIDEGAUGE_BROKERS)"],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, "the brokers' certificate is out of date"],
  [
    /ALERT_BAD_CERTIFICATE|CERTIFICATE_REQUIRED|ALERT_CERTIFICATE|ALERT_UNKNOWN_CA/,
    'the brokers want a certificate that they trust: TIDEGAUGE_KAFKA_CERT_FILE and TIDEGAUGE_KAFKA_KEY_FILE',
  ],
  [/mechanism is not supported|UNSUPPORTED_SASL/, 'choose a mechanism that the brokers offer: TIDEGAUGE_KAFKA_SASL'],
  [
    /KafkaJSSASL|SASL_AUTHENTICATION/,
    'correct TIDEGAUGE_KAFKA_USERNAME and TIDEGAUGE_KAFKA_PASSWORD (or TIDEGAUGE_KAFKA_SASL)',
  ],
  [/before secure TLS connection/, 'does this listener speak TLS? If not, TIDEGAUGE_KAFKA_TLS has to be off'],
  [
    /KafkaJSConnectionClosed/,
    'if this listener speaks TLS or asks for credentials, set TIDEGAUGE_KAFKA_TLS and TIDEGAUGE_KAFKA_SASL',
  ],
]

/**
 * A failure of the Kafka client as one of ours. The client wraps what it retried in vain, so the whole chain of causes
 * is looked at, the innermost first: that is where the reason is.
 */
export function kafkaError(thrown: unknown, where?: string): TidegaugeError {
  const chain = causes(thrown)
  // What we threw inside of the client, such as a token that has expired, comes back wrapped.
  const ours = chain.find((failure) => failure instanceof TidegaugeError)
  if (ours instanceof TidegaugeError) return ours
  const code = chain.map(codeOf).find((found) => found !== undefined) ?? 'INTERNAL'
  const message = (chain[0]?.message ?? String(thrown)).trim()
  const hint = adviceFor(chain) ?? HINTS[code]
  return new TidegaugeError(code, message, {
    cause: thrown,
    ...(where === undefined ? {} : { where }),
    ...(hint === undefined ? {} : { hint }),
  })
}

function adviceFor(chain: readonly KafkaFailure[]): string | undefined {
  const text = chain.map(({ name, type, code, message }) => `${name} ${type ?? ''} ${code ?? ''} ${message}`).join(' ')
  return ADVICE.find(([pattern]) => pattern.test(text))?.[1]
}

function causes(thrown: unknown): KafkaFailure[] {
  const chain: KafkaFailure[] = []
  for (let next = thrown; next instanceof Error && chain.length < 8; next = next.cause) chain.unshift(next)
  return chain
}

function codeOf(failure: KafkaFailure): ErrorCode | undefined {
  const type = failure.type ?? failure.name
  if (FENCED.has(type) || PRODUCER_FENCED.test(failure.message)) return 'FENCED'
  if (TOPIC_MISSING.has(type)) return 'TOPIC_MISSING'
  if (CONNECTION_SPENT.has(type)) return 'BROKER_UNREACHABLE'
  if (REFUSED.test(`${type} ${failure.code ?? ''}`)) return 'BROKER_REFUSED'
  // Connections and time-outs of the network have no `retriable`; the client's own errors say what they are.
  if (typeof failure.code === 'string') return 'BROKER_UNREACHABLE'
  if (
    failure.name.startsWith('KafkaJS') &&
    (failure.retriable === true || /NoBroker|BrokerNotFound/.test(failure.name))
  )
    return 'BROKER_UNREACHABLE'
  return undefined
}
