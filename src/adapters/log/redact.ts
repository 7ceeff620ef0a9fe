import { TidegaugeError } from '../../core/errors.ts'

const SECRET_NAME =
  /pass(word|phrase|wd)?$|secret|token|authori[sz]ation|api[-_]?key|credential|private[-_]?key|cookie/i
/** user:password@ in a URL, wherever in a text. */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi
const HIDDEN = '[redacted]'
const DEPTH_MAX = 5

const redactText = (text: string) => text.replace(USER_INFO, `$1${HIDDEN}@`).replace(BEARER, `$1 ${HIDDEN}`)

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Error) return describeError(value, depth)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return '[deeper]'
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1))
  return redactFields(value as Readonly<Record<string, unknown>>, depth + 1)
}

/** An error as fields. The stack is only for errors that nobody expected: the others say where and what to do. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const expected = error instanceof TidegaugeError && error.code !== 'INTERNAL'
  const fields: Record<string, unknown> = { message: redactText(error.message) }
  if (error instanceof TidegaugeError) {
    fields['code'] = error.code
    if (error.where !== undefined) fields['where'] = redactText(error.where)
    if (error.hint !== undefined) fields['hint'] = redactText(error.hint)
  } else fields['name'] = error.name
  if (!expected && error.stack !== undefined) fields['stack'] = redactText(error.stack)
  if (error.cause !== undefined && depth < DEPTH_MAX) fields['cause'] = redactValue(error.cause, depth + 1)
  return fields
}

/** Fields that are safe to write down: what is named like a secret, and passwords inside URLs, are taken out. */
export function redactFields(fields: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const safe: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    safe[name] = SECRET_NAME.test(name) && value !== undefined ? HIDDEN : redactValue(value, depth)
  }
  return safe
}
