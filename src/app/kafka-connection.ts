import { BearerTokens } from '../adapters/kafka/bearer-token.ts'
import type { KafkaConnection, KafkaCredentials } from '../adapters/kafka/connection.ts'
import type { KafkaSettings } from '../config/settings-kafka.ts'
import { systemClock } from './system.ts'

/** How the brokers of the settings are reached; undefined when none were named. */
export function kafkaConnection(settings: KafkaSettings): KafkaConnection | undefined {
  const { brokers, clientId, tls, credentials } = settings
  if (brokers === undefined) return undefined
  return { brokers, clientId, ...(tls && { tls }), ...(credentials && { credentials: toCredentials(credentials) }) }
}

/** One holder of tokens for all clients of the connection: they share what was asked for. */
function toCredentials(credentials: NonNullable<KafkaSettings['credentials']>): KafkaCredentials {
  if (credentials.mechanism !== 'oauthbearer') return credentials
  return { mechanism: 'oauthbearer', tokens: new BearerTokens(credentials.origin, systemClock) }
}
