import { type core, z } from 'zod'
import type { ConfigPath } from './problem.ts'
import { nearest, suggestion } from './suggest.ts'

export interface Finding {
  readonly path: ConfigPath
  readonly message: string
}

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly findings: readonly Finding[] }

const SHOWN_CHARS_MAX = 60

/** A value as it is shown in a message: short, on one line. */
export function shown(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`
}

/** What the bounds of text, lists and mappings count. */
const COUNTED: Readonly<Record<string, string>> = { string: 'character', array: 'item', object: 'key', record: 'key' }

/** Runs a schema; every finding has its whole path and says what to do. */
export function validate<S extends z.ZodType>(schema: S, raw: unknown): Validated<z.output<S>> {
  const keysKnownAt = new Map<string, readonly string[]>()
  const parsed = schema.safeParse(raw, {
    reportInput: true,
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') keysKnownAt.set(pathKey(issue.path ?? []), keysOf(issue.inst))
      return describe(issue)
    },
  })
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, findings: parsed.error.issues.flatMap((issue) => findingsOf(issue, keysKnownAt)) }
}

function findingsOf(issue: core.$ZodIssue, keysKnownAt: ReadonlyMap<string, readonly string[]>): Finding[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
  const known = keysKnownAt.get(pathKey(path)) ?? []
  return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key (${suggestion(key, known)})` }))
}

function pathKey(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String))
}

function keysOf(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

function describe(issue: core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.expected, issue.input)
    case 'invalid_value':
      return describeValue(issue.values.map(String), issue.input)
    case 'invalid_union': {
      const options = (issue['options'] as readonly unknown[] | undefined)?.map(String) ?? []
      const given = issue['discriminator'] === undefined ? undefined : issue.input
      return `${describeChoice(given, String(issue['discriminator']))} (one of: ${options.join(', ')})`
    }
    case 'too_small':
      return describeBound(issue, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return describeBound(issue, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'invalid_key':
      return issue.issues[0]?.message
    default:
      return undefined
  }
}

function describeType(expected: string, input: unknown): string {
  const wanted = EXPECTED[expected] ?? expected
  if (input === undefined) return `is required (give ${wanted})`
  if (input === null) return `has no value (give ${wanted}, or delete the key)`
  const quote = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')
  return `expected ${wanted}, found ${shown(input)}${quote ? ` (put it in quotes: "${input}")` : ''}`
}

function describeValue(values: readonly string[], input: unknown): string {
  const all = `one of: ${values.join(', ')}`
  if (input === undefined) return `is required (${all})`
  if (input === null) return `has no value (${all}, or delete the key)`
  const near = typeof input === 'string' ? nearest(input, values) : undefined
  return `${shown(input)} is not known (${near === undefined ? all : `did you mean "${near}"?`})`
}

function describeChoice(input: unknown, discriminator: string): string {
  const found = typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[discriminator] : input
  return found === undefined ? 'is required' : `${shown(found)} is not known`
}

function describeBound(
  issue: { readonly origin: string; readonly input?: unknown },
  bound: string,
  limit: unknown,
): string {
  const counted = COUNTED[issue.origin]
  if (counted === undefined) return `${shown(issue.input)} is out of range (${bound} ${limit})`
  return `must have ${bound} ${limit} ${counted}${Number(limit) === 1 ? '' : 's'}`
}
