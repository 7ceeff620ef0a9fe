import type { ConfigProblem } from './problem.ts'
import type { SettingName, SettingValues } from './settings-table.ts'

/** Where the token of OAUTHBEARER comes from. A file and a command are asked again before a token expires. */
export type TokenOrigin =
  | { readonly kind: 'value'; readonly value: string; readonly setting: string }
  | { readonly kind: 'file'; readonly path: string; readonly setting: string }
  | { readonly kind: 'command'; readonly command: string; readonly setting: string }

export interface KafkaSettings {
  /** undefined: none was named. */
  readonly brokers: readonly string[] | undefined
  readonly clientId: string
  /** undefined: plain TCP. PEM files; without `caFile` the system's authorities are trusted. */
  readonly tls: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | undefined
  readonly credentials:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
        readonly username: string
        readonly password: string
      }
    | { readonly mechanism: 'oauthbearer'; readonly origin: TokenOrigin }
    | undefined
  readonly sessionTimeoutMs: number
  readonly modelsTopic: string
}

/** Names the flag or variable that a setting came from, or could come from. */
type Named = (name: SettingName) => string

/** The settings of the connection, put together; what does not fit together is added to `problems`. */
export function assembleKafka(values: SettingValues, named: Named, problems: ConfigProblem[]): KafkaSettings {
  const { brokers, clientId, kafkaSessionTimeout: sessionTimeoutMs, modelsTopic } = values
  const tls = assembleTls(values, named, problems)
  const credentials = assembleCredentials(values, named, problems)
  return { brokers, clientId, tls, credentials, sessionTimeoutMs, modelsTopic }
}

function assembleTls(values: SettingValues, named: Named, problems: ConfigProblem[]): KafkaSettings['tls'] {
  const { kafkaTls, kafkaCaFile: caFile, kafkaCertFile: certFile, kafkaKeyFile: keyFile } = values
  if (certFile === undefined && keyFile !== undefined) {
    problems.push(problem(named('kafkaKeyFile'), `needs the certificate too (set ${named('kafkaCertFile')})`))
  }
  if (certFile !== undefined && keyFile === undefined) {
    problems.push(problem(named('kafkaCertFile'), `needs the key too (set ${named('kafkaKeyFile')})`))
  }
  const files = {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  }
  if (kafkaTls) return files
  for (const name of ['kafkaCaFile', 'kafkaCertFile', 'kafkaKeyFile'] as const) {
    if (values[name] !== undefined)
      problems.push(problem(named(name), `is of no use without TLS (set ${named('kafkaTls')} to on)`))
  }
  return undefined
}

const TOKEN_SETTINGS = ['kafkaToken', 'kafkaTokenFile', 'kafkaTokenCommand'] as const

function assembleCredentials(
  values: SettingValues,
  named: Named,
  problems: ConfigProblem[],
): KafkaSettings['credentials'] {
  if (values.kafkaSasl === 'oauthbearer') return assembleToken(values, named, problems)
  for (const name of TOKEN_SETTINGS) {
    if (values[name] !== undefined)
      problems.push(problem(named(name), `is of no use here (set ${named('kafkaSasl')} to oauthbearer)`))
  }
  const { kafkaSasl: mechanism, kafkaUsername: username, kafkaPassword: password } = values
  if (mechanism !== undefined && username !== undefined && password !== undefined) {
    return { mechanism, username, password }
  }
  const parts = { kafkaSasl: mechanism, kafkaUsername: username, kafkaPassword: password }
  const missing = (Object.keys(parts) as (keyof typeof parts)[]).filter((name) => parts[name] === undefined)
  if (missing.length < 3) {
    const given = (Object.keys(parts) as (keyof typeof parts)[]).filter((name) => parts[name] !== undefined)
    const message = `SASL needs mechanism, user and password together (also set ${missing.map(named).join(' and ')})`
    problems.push(problem(given.map(named).join(', '), message))
  }
  return undefined
}

function assembleToken(values: SettingValues, named: Named, problems: ConfigProblem[]): KafkaSettings['credentials'] {
  for (const name of ['kafkaUsername', 'kafkaPassword'] as const) {
    if (values[name] !== undefined) problems.push(problem(named(name), 'is of no use with oauthbearer (delete it)'))
  }
  const given = TOKEN_SETTINGS.filter((name) => values[name] !== undefined)
  const [only] = given
  if (only === undefined || given.length > 1) {
    const from = given.length > 1 ? given.map(named).join(', ') : named('kafkaSasl')
    problems.push(problem(from, `oauthbearer needs one of ${TOKEN_SETTINGS.map(named).join(', ')}`))
    return undefined
  }
  const setting = named(only)
  const { kafkaToken: value, kafkaTokenFile: path, kafkaTokenCommand: command } = values
  if (value !== undefined) return { mechanism: 'oauthbearer', origin: { kind: 'value', value, setting } }
  if (path !== undefined) return { mechanism: 'oauthbearer', origin: { kind: 'file', path, setting } }
  return { mechanism: 'oauthbearer', origin: { kind: 'command', command: command ?? '', setting } }
}

export function problem(from: string, message: string): ConfigProblem {
  return { file: from, path: [], message }
}
