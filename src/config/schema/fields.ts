import { z } from 'zod'
import { formatDuration, parseDuration } from '../../core/duration.ts'
import { LIMITS } from '../../core/limits.ts'
import { shown } from '../validate.ts'

const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/

export interface DurationBounds {
  readonly min?: string
  readonly max?: string
}

/** A duration as text (`90s`, `5m`, `1h30m`); its value is whole milliseconds. */
export function duration(bounds: DurationBounds = {}) {
  const min = milliseconds(bounds.min ?? '0ms')
  const max = milliseconds(bounds.max ?? '3650d')
  const range = `from ${formatDuration(min)} to ${formatDuration(max)}`
  return z
    .string({ error: (issue) => durationMessage(issue.input) })
    .regex(DURATION, { error: (issue) => durationMessage(issue.input) })
    .transform((text, context) => {
      const ms = parseDuration(text)
      if (ms !== undefined && Number.isInteger(ms) && ms >= min && ms <= max) return ms
      context.addIssue({ code: 'custom', message: `${shown(text)} is out of range (${range}, in whole milliseconds)` })
      return z.NEVER
    })
    .meta({ 'x-unit': 'duration' })
}

function durationMessage(input: unknown): string | undefined {
  if (input === undefined || input === null) return undefined
  return `${shown(input)} is not a duration (a number with its unit: 500ms, 30s, 5m, 1h30m, 14d)`
}

/** Milliseconds of a duration that stands in the code. */
function milliseconds(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new RangeError(`no duration: ${text}`)
  return ms
}

/** A name of a pipeline, alarm, channel or mute: it becomes part of topic keys, groups, file names and labels. */
export function identifier(what: string) {
  return z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
    error: (issue) =>
      `${shown(issue.input)} is not a name of ${what} (1 to 63 small letters, digits and -, as in "host-metrics")`,
  })
}

/** Kafka's own rule for a topic's name. */
export function topicName() {
  return z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,249}$/, {
      error: (issue) => `${shown(issue.input)} is not a topic's name (1 to 249 letters, digits, dots, _ and -)`,
    })
    .refine((name) => name !== '.' && name !== '..', { error: 'a topic cannot be named "." or ".."' })
}

export function labelName() {
  return z.string().regex(/^[^\s{}"=,]+$/, {
    error: (issue) => `${shown(issue.input)} is not the name of a label`,
  })
}

export function metricName() {
  return z.string().min(1).max(LIMITS.nameChars)
}

const PATTERN_CHARS_MAX = 1_000

/** An anchored regular expression (JavaScript's, with the u flag); refused when it does not compile. */
function pattern() {
  return z
    .string()
    .max(PATTERN_CHARS_MAX)
    .superRefine((text, context) => {
      try {
        new RegExp(`^(?:${text})$`, 'u')
      } catch (thrown) {
        const why = (thrown as Error).message.replace(/^Invalid regular expression: /, '').replace(/^.*\/u?: /, '')
        context.addIssue({
          code: 'custom',
          message: `${shown(text)} is not a regular expression: ${why}${patternHint(text)}`,
        })
      }
    })
}

function patternHint(text: string): string {
  if (text.startsWith('*')) return ' (this is no wildcard: write .* for any text)'
  if (text.startsWith('(?i)')) return ' (write both cases: [Aa])'
  return ' (escape a character that is meant itself with \\)'
}

/** Which series: `name` and labels, each an anchored regular expression; an absent label counts as empty. */
export function matcher() {
  return z.record(labelName(), pattern())
}

/** A URL of http or https. What is wrong is told without the URL: with many receivers it is a secret. */
export function httpUrl() {
  return z.string().superRefine((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url !== undefined && url.username + url.password !== '') {
      context.addIssue({ code: 'custom', message: 'has a user or a password in it (put credentials in headers)' })
    } else if (url === undefined || !/^https?:$/.test(url.protocol)) {
      context.addIssue({ code: 'custom', message: 'is not a URL of http or https (as in https://example.org/hook)' })
    }
  })
}

/** An IANA time zone such as `Europe/Berlin`; `UTC` is one. */
export function timeZone() {
  return z.string().refine(isTimeZone, {
    error: (issue) => `${shown(issue.input)} is not a time zone (an IANA name, as in "Europe/Berlin", or "UTC")`,
  })
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** A list that names nothing twice. */
export function unique<T extends z.ZodType<string>>(item: T) {
  return z.array(item).superRefine((list, context) => {
    list.forEach((text, i) => {
      if (list.indexOf(text) < i)
        context.addIssue({ code: 'custom', path: [i], message: `${shown(text)} stands twice` })
    })
  })
}
