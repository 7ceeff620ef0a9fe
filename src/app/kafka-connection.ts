import { BearerTokens } from '../adapters/kafka/bearer-token.ts'
import type { KafkaConnection, KafkaCredentials } from '../adapters/kafka/connection.ts'
import type { KafkaSettings } from '../config/settings-kafka.ts'
import { TidegaugeError } from '../core/errors.ts'
import { systemClock } from './system.ts'

/** How the brokers of the settings are reached; undefined when none were named. */
export function kafkaConnection(settings: KafkaSettings): KafkaConnection | undefined {
  const { brokers, clientId, tls, credentials } = settings
  if (brokers === undefined) return undefined
  return { brokers, clientId, ...(tls && { tls }), ...(credentials && { credentials: toCredentials(credentials) }) }
}

/** The same for what cannot do without: throws CONFIG_INVALID. `otherwise` is what else could be done. */
export function requiredConnection(settings: KafkaSettings, otherwise = ''): KafkaConnection {
  const connection = kafkaConnection(settings)
  if (connection !== undefined) return connection
  throw new TidegaugeError('CONFIG_INVALID', 'no Kafka brokers are configured', {
    where: '--brokers',
    hint: `name them (host:port,...) there or in KAFKA_BROKERS${otherwise}`,
  })
}

/** One holder of tokens for all clients of the connection: they share what was asked for. */
function toCredentials(credentials: NonNullable<KafkaSettings['credentials']>): KafkaCredentials {
  if (credentials.mechanism !== 'oauthbearer') return credentials
  return { mechanism: 'oauthbearer', tokens: new BearerTokens(credentials.origin, systemClock) }
}
