import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { Mechanism, SASLOptions } from 'kafkajs'
import { TidegaugeError } from '../../core/errors.ts'
import { oauthBearerMechanism, type TokenSource } from './oauthbearer.ts'

/** Who we say we are. Passwords come from the environment or from files; they are never logged. */
export type KafkaCredentials =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      readonly password: string
    }
  | { readonly mechanism: 'oauthbearer'; readonly tokens: TokenSource }

/** PEM files. Without `caFile` the system's authorities are trusted. */
export interface KafkaTls {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  /** The name that the brokers' certificate must carry, when it is not the host that is dialled. */
  readonly serverName?: string
}

export interface KafkaConnection {
  /** host:port, at least one. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls?: KafkaTls
  readonly credentials?: KafkaCredentials
  readonly connectTimeoutMs?: number
  readonly requestTimeoutMs?: number
}

/** @throws TidegaugeError CONFIG_INVALID naming a file that cannot be read, or a key without its certificate. */
export function tlsOptions(tls: KafkaTls): ConnectionOptions {
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new TidegaugeError('CONFIG_INVALID', 'a client certificate needs both its file and its key file', {
      where: 'kafka.tls',
    })
  }
  return {
    ...(tls.caFile === undefined ? {} : { ca: pem('caFile', tls.caFile) }),
    ...(tls.certFile === undefined ? {} : { cert: pem('certFile', tls.certFile) }),
    ...(tls.keyFile === undefined ? {} : { key: pem('keyFile', tls.keyFile) }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  }
}

function pem(field: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TidegaugeError('CONFIG_INVALID', `${path} cannot be read`, { where: `kafka.tls.${field}`, cause })
  }
}

export function saslOptions(credentials: KafkaCredentials): SASLOptions | Mechanism {
  if (credentials.mechanism === 'oauthbearer') return oauthBearerMechanism(credentials.tokens)
  const { mechanism, username, password } = credentials
  const options: SASLOptions = { mechanism, username, password }
  return options
}
