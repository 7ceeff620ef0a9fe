export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What a log line says beside its message: flat, small, no secrets. An Error goes under `error`. */
export type LogFields = Readonly<Record<string, unknown>>

/** Where the shell writes what people read. Pure folders have no logger: they return reasons. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger whose lines all carry `fields`. */
  with(fields: LogFields): Logger
}

/** A logger that does all by one function; `child` makes the one whose lines all carry further fields. */
export function loggerBy(log: Logger['log'], child: Logger['with']): Logger {
  return {
    log,
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
    with: child,
  }
}

const nothing = () => {}

/** For library use and for tests that do not look at the log. */
export const silentLogger: Logger = {
  log: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  with: () => silentLogger,
}
