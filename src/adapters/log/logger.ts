import { type Logger as PinoLogger, pino } from 'pino'
import { type Logger, type LogLevel, loggerBy } from '../../runtime/logger.ts'
import { humanLine } from './line.ts'
import { redactFields } from './redact.ts'

export interface LogOptions {
  readonly level: LogLevel
  /** `json` for machines; `human` is one line for a terminal. */
  readonly format: 'json' | 'human'
  readonly colour?: boolean
  /** Where whole lines go; each ends with a newline. */
  readonly write: (line: string) => void
}

/** pino behind the Logger port. Secrets are taken out of every field before a line is made. */
export function createLogger(options: LogOptions): Logger {
  const { write, colour = false } = options
  const destination = { write: options.format === 'json' ? write : (json: string) => write(humanLine(json, colour)) }
  const made = pino(
    { level: options.level, base: null, formatters: { level: (label) => ({ level: label }), log: redactFields } },
    destination,
  )
  return portOf(made)
}

function portOf(logger: PinoLogger): Logger {
  return loggerBy(
    (level, message, fields = {}) => logger[level](fields, message),
    (fields) => portOf(logger.child(redactFields(fields))),
  )
}
