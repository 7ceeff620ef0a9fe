import { Kafka, logLevel } from 'kafkajs'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../runtime/logger.ts'
import { correctReadCommitted } from './aborted-records.ts'
import { clientLog } from './client-log.ts'
import { registerCodecs } from './codecs.ts'
import { type KafkaConnection, saslOptions, tlsOptions } from './connection.ts'
import { decodeFetchedBatches } from './fetch-response.ts'
import { encodeProducedBatches } from './produce-request.ts'

/** For signatures outside of this adapter. */
export type KafkaClient = Kafka

/** The wall clock, for the client's log. */
const WALL_CLOCK: Clock = { nowMs: () => Date.now() }

/**
 * A session is authenticated anew when so little of it is left. Later than a token is asked for anew: with the old one,
 * the new session would be as short, and a broker allows no more than one authentication a second.
 */
const REAUTHENTICATE_MS = 3_000

/** How patient a client is with one request. Whoever uses it decides what happens when the patience ends. */
export const PATIENCE = {
  /** Fails within seconds: the caller has its own loop. */
  brief: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 2 },
  /**
   * For transactions. The broker answers the first request of a transaction with CONCURRENT_TRANSACTIONS until the
   * markers of the one before are written, which takes a few milliseconds; the client's default would wait 300.
   */
  transactions: { initialRetryTime: 3, maxRetryTime: 1_000, retries: 16 },
} as const

/** A client of the cluster. It connects when something is made of it. */
export function createClient(
  connection: KafkaConnection,
  logger: Logger,
  patience: (typeof PATIENCE)[keyof typeof PATIENCE] = PATIENCE.brief,
): Kafka {
  registerCodecs()
  decodeFetchedBatches()
  correctReadCommitted()
  encodeProducedBatches()
  const log = clientLog(logger, WALL_CLOCK)
  return new Kafka({
    brokers: [...connection.brokers],
    clientId: connection.clientId,
    connectionTimeout: connection.connectTimeoutMs ?? 3_000,
    reauthenticationThreshold: REAUTHENTICATE_MS,
    requestTimeout: connection.requestTimeoutMs ?? 30_000,
    retry: patience,
    logLevel: logLevel.WARN,
    logCreator: () => log,
    ...(connection.tls === undefined ? {} : { ssl: tlsOptions(connection.tls) }),
    ...(connection.credentials === undefined ? {} : { sasl: saslOptions(connection.credentials) }),
  })
}
