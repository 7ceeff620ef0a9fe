import { err, ok, type Result } from '../core/result.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { ConfigEnvironment } from './interpolate.ts'
import { ConfigError, type ConfigProblem } from './problem.ts'
import { SETTINGS, type Setting, type SettingName, type SettingValues } from './settings-table.ts'
import { validate } from './validate.ts'

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
    | undefined
  readonly sessionTimeoutMs: number
  readonly modelsTopic: string
}

export interface ProcessSettings {
  readonly kafka: KafkaSettings
  readonly http: { readonly host: string; readonly port: number; readonly apiToken: string | undefined }
  readonly stateDir: string
  readonly logLevel: SettingValues['logLevel']
}

/** The flags, for a command's `--help`. */
export function settingFlags(): readonly { readonly flag: string; readonly description: string }[] {
  return Object.values<Setting>(SETTINGS).flatMap(({ flag, variables, description }) =>
    flag === undefined ? [] : [{ flag, description: `${description} (env: ${variables.join(', ')})` }],
  )
}

/** Values given by flags, under the setting's name as commander makes it: `--state-dir` is `stateDir`. */
export type FlagValues = Readonly<Record<string, unknown>>

/** Reads and checks the settings of this process. Each problem is filed under the flag or variable that it came from. */
export function loadSettings(flags: FlagValues, environment: ConfigEnvironment): Result<ProcessSettings, ConfigError> {
  const problems: ConfigProblem[] = []
  const origins: Partial<Record<SettingName, string>> = {}
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const given = find(name, flags, environment)
    if (given?.text === undefined && given !== undefined) {
      problems.push(problem(given.from, 'names a file that cannot be read (correct the path)'))
      continue
    }
    const checked = validate(SETTINGS[name].schema, given?.text)
    const from = given?.from ?? name
    if (given !== undefined) origins[name] = from
    if (checked.ok) values[name] = checked.value
    else problems.push(...checked.findings.map(({ message }) => problem(from, message)))
  }
  if (problems.length > 0) return err(new ConfigError(problems))
  const named = (name: SettingName) => origins[name] ?? SETTINGS[name].variables[0]
  // Complete now: without problems, each value came out of its own schema.
  const settings = assemble(values as SettingValues, named, problems)
  return problems.length === 0 ? ok(deepFreeze(settings)) : err(new ConfigError(problems))
}

interface Given {
  readonly from: string
  /** undefined: the file that was named cannot be read. */
  readonly text: string | undefined
}

function find(name: SettingName, flags: FlagValues, environment: ConfigEnvironment): Given | undefined {
  const setting: Setting = SETTINGS[name]
  const flag = flags[name]
  if (setting.flag !== undefined && flag !== undefined) return { from: flagName(setting.flag), text: String(flag) }
  for (const variable of setting.variables) {
    const text = environment.variable(variable)
    if (text !== undefined && text !== '') return { from: variable, text }
    const path = setting.flag === undefined ? environment.variable(`${variable}_FILE`) : undefined
    if (path === undefined || path === '') continue
    return { from: `${variable}_FILE`, text: environment.file(path)?.replace(/\r?\n$/, '') }
  }
  return undefined
}

function assemble(
  values: SettingValues,
  named: (name: SettingName) => string,
  problems: ConfigProblem[],
): ProcessSettings {
  const { brokers, clientId, kafkaSessionTimeout: sessionTimeoutMs, httpHost: host, httpPort: port, apiToken } = values
  const tls = assembleTls(values, named, problems)
  const credentials = assembleCredentials(values, named, problems)
  return {
    kafka: { brokers, clientId, tls, credentials, sessionTimeoutMs, modelsTopic: values.modelsTopic },
    http: { host, port, apiToken },
    stateDir: values.stateDir,
    logLevel: values.logLevel,
  }
}

function assembleTls(
  values: SettingValues,
  named: (name: SettingName) => string,
  problems: ConfigProblem[],
): KafkaSettings['tls'] {
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

function assembleCredentials(
  { kafkaSasl: mechanism, kafkaUsername: username, kafkaPassword: password }: SettingValues,
  named: (name: SettingName) => string,
  problems: ConfigProblem[],
): KafkaSettings['credentials'] {
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

function flagName(flag: string): string {
  return flag.split(' ')[0] ?? flag
}

function problem(from: string, message: string): ConfigProblem {
  return { file: from, path: [], message }
}
