import { err, ok, type Result } from '../core/result.ts'
import type { ApiToken } from './api-tokens.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { ConfigEnvironment } from './interpolate.ts'
import { ConfigError, type ConfigProblem } from './problem.ts'
import { assembleKafka, type KafkaSettings, problem } from './settings-kafka.ts'
import { SETTINGS, type Setting, type SettingName, type SettingValues } from './settings-table.ts'
import { validate } from './validate.ts'

export interface ProcessSettings {
  readonly kafka: KafkaSettings
  /** Without tokens, what shows is open to whoever reaches the port, and what changes anything to this machine only. */
  readonly http: { readonly host: string; readonly port: number; readonly tokens: readonly ApiToken[] }
  readonly stateDir: string
  /** Threads that partition tasks run in; 0 is the main thread, undefined one for each core. */
  readonly taskThreads: number | undefined
  /** Of each file that an embedded process writes results to, with what was rotated away from it. */
  readonly outputLimitBytes: number
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
    const readsFile = setting.flag === undefined && setting.fileIsOwn !== true
    const path = readsFile ? environment.variable(`${variable}_FILE`) : undefined
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
  const { httpHost: host, httpPort: port, apiToken, apiTokens = [], stateDir, logLevel } = values
  const whole: readonly ApiToken[] = apiToken === undefined ? [] : [{ token: apiToken, scopes: ['admin'] }]
  return {
    kafka: assembleKafka(values, named, problems),
    http: { host, port, tokens: [...whole, ...apiTokens] },
    stateDir,
    taskThreads: values.taskThreads,
    outputLimitBytes: values.outputLimit * 1024 * 1024,
    logLevel,
  }
}

function flagName(flag: string): string {
  return flag.split(' ')[0] ?? flag
}
