/**
 * The closed list of error codes. A code becomes a metric label and an exit code, so it is added here first.
 * Expected failures of data are values (see result.ts); a TidegaugeError is for what stops an operation.
 */
export const ERROR_CODES = {
  CONFIG_INVALID: { retryable: false, exitCode: 2 },
  INPUT_INVALID: { retryable: false, exitCode: 3 },
  POINT_INVALID: { retryable: false, exitCode: 3 },
  SNAPSHOT_INVALID: { retryable: false, exitCode: 4 },
  SNAPSHOT_VERSION: { retryable: false, exitCode: 4 },
  MODEL_INVALID: { retryable: false, exitCode: 4 },
  TOPIC_MISSING: { retryable: true, exitCode: 5 },
  BROKER_UNREACHABLE: { retryable: true, exitCode: 5 },
  BROKER_REFUSED: { retryable: false, exitCode: 5 },
  FENCED: { retryable: false, exitCode: 5 },
  STORAGE_FAILED: { retryable: true, exitCode: 6 },
  DELIVERY_FAILED: { retryable: true, exitCode: 7 },
  BACKEND_MISSING: { retryable: false, exitCode: 8 },
  SETUP_FAILED: { retryable: false, exitCode: 9 },
  /** A thread ended by itself: what it held is restored in another one. */
  THREAD_LOST: { retryable: true, exitCode: 70 },
  INTERNAL: { retryable: false, exitCode: 70 },
} as const

export type ErrorCode = keyof typeof ERROR_CODES

/** An error that says what happened, where, and what to do about it. */
export class TidegaugeError extends Error {
  override readonly name = 'TidegaugeError'
  readonly code: ErrorCode
  /** Where: a file and line, a YAML path, a topic-partition-offset, a field. */
  readonly where: string | undefined
  /** What the reader can do. */
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: { where?: string; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.where = options.where
    this.hint = options.hint
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode
  }

  /** One line for a terminal: where, what, what to do. */
  describe(): string {
    const where = this.where === undefined ? '' : `${this.where}: `
    const hint = this.hint === undefined ? '' : ` (${this.hint})`
    return `${where}${this.message}${hint}`
  }
}

/** Any thrown value as a TidegaugeError: what is not known is INTERNAL and not retryable. */
export function asTidegaugeError(thrown: unknown): TidegaugeError {
  if (thrown instanceof TidegaugeError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new TidegaugeError('INTERNAL', message, { cause: thrown })
}

/** An error as it crosses between threads, where classes are lost. */
export interface PlainError {
  readonly code: ErrorCode
  readonly message: string
  readonly where: string | undefined
  readonly hint: string | undefined
}

export function toPlainError(thrown: unknown): PlainError {
  const { code, message, where, hint } = asTidegaugeError(thrown)
  return { code, message, where, hint }
}

export function fromPlainError({ code, message, where, hint }: PlainError): TidegaugeError {
  return new TidegaugeError(code, message, {
    ...(where === undefined ? {} : { where }),
    ...(hint === undefined ? {} : { hint }),
  })
}
