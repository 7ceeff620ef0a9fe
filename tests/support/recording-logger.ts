import type { LogFields, Logger, LogLevel } from '../../src/runtime/logger.ts'

interface Line {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
}

/** Keeps every line, of its children too. */
export class RecordingLogger implements Logger {
  readonly lines: Line[]
  readonly #fields: LogFields

  constructor(lines: Line[] = [], fields: LogFields = {}) {
    this.lines = lines
    this.#fields = fields
  }

  log(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } })
  }

  debug(message: string, fields?: LogFields): void {
    this.log('debug', message, fields)
  }

  info(message: string, fields?: LogFields): void {
    this.log('info', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.log('warn', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.log('error', message, fields)
  }

  with(fields: LogFields): Logger {
    return new RecordingLogger(this.lines, { ...this.#fields, ...fields })
  }
}
