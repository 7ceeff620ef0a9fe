import { z } from 'zod'
import { ALARM_STATES } from '../../alarm/state.ts'
import { parseDuration } from '../../core/duration.ts'
import { makeSeries, type Series } from '../../core/series.ts'
import type { DeepReadonly } from '../deep-freeze.ts'
import { shown } from '../validate.ts'
import { parseValues } from '../value-notation.ts'
import { duration } from './fields.ts'

/** `name{a="1",b="2"}`, as Prometheus writes a series. */
function series() {
  return z.string().transform((text, context): Series => {
    const parsed = parseSeries(text)
    if (parsed !== undefined) return parsed
    context.addIssue({ code: 'custom', message: `${shown(text)} is not a series (as in: up{host="web-1"})` })
    return z.NEVER
  })
}

function parseSeries(text: string): Series | undefined {
  const [, name, inside = ''] = /^([^{}\s]+)(?:\{(.*)\})?$/.exec(text) ?? []
  if (name === undefined) return undefined
  const pairs = [...inside.matchAll(/\s*([^={},"\s]+)="((?:[^"\\]|\\.)*)"\s*(?:,|$)/gy)]
  if (pairs.map(([whole]) => whole).join('') !== inside) return undefined
  const labels = pairs.map(([, label = '', value = '']) => [label, value.replace(/\\(.)/g, '$1')] as const)
  return makeSeries(name, Object.fromEntries(labels))
}

function values() {
  return z.string().transform((text, context) => {
    const parsed = parseValues(text)
    if (parsed.ok) return parsed.value
    context.addIssue({ code: 'custom', message: parsed.error })
    return z.NEVER
  })
}

/** Time since the start of the test: one instant (`2h`), or a range that it lies in (`2h..2h5m`), both ends included. */
export interface TimeSpan {
  readonly fromMs: number
  readonly toMs: number
}

function timeSpan() {
  return z.string().transform((text, context): TimeSpan => {
    const [from = '', to = from, ...rest] = text.split('..')
    const fromMs = parseDuration(from)
    const toMs = parseDuration(to)
    if (fromMs !== undefined && toMs !== undefined && fromMs <= toMs && rest.length === 0) return { fromMs, toMs }
    context.addIssue({
      code: 'custom',
      message: `${shown(text)} is no time since the start (2h, or a range: 2h..2h5m)`,
    })
    return z.NEVER
  })
}

const inputSchema = z.strictObject({
  series: series(),
  values: values(),
  every: duration({ min: '1ms' }).prefault('1m'),
  /** Time of the first sample since the start. */
  offset: duration().prefault('0s'),
  /** Standard deviation of normal noise on every value; the same in every run. */
  noise: z.number().min(0).default(0),
})

const recordSchema = z.strictObject({ at: duration(), value: z.string() })

const transitionSchema = z.strictObject({
  at: timeSpan(),
  alarm: z.string(),
  series: series(),
  from: z.enum(ALARM_STATES).optional(),
  to: z.enum(ALARM_STATES),
})

const toldSchema = z.strictObject({
  at: timeSpan(),
  channel: z.string(),
  alarm: z.string(),
  series: series().optional(),
  state: z.enum(ALARM_STATES),
})

const caseSchema = z.strictObject({
  name: z.string().min(1),
  start: z.iso
    .datetime({ error: (issue) => `${shown(issue.input)} is not an instant (as in: 2026-03-02T00:00:00Z)` })
    .transform((text) => Date.parse(text))
    .prefault('2026-03-02T00:00:00Z'),
  input: z.array(inputSchema).default([]),
  /** Records as they are, for what no series can express. */
  records: z.array(recordSchema).default([]),
  /** How long event time goes on, at the least; so that a silence can be seen. */
  until: duration().prefault('0s'),
  expect: z.strictObject({
    /** All changes of state but those from INSUFFICIENT_DATA to OK, in order of time. */
    transitions: z.array(transitionSchema).default([]),
    /** Whom the actions reach, and when: suppressors and mutes hold them back. */
    told: z.array(toldSchema).default([]),
    /** Whether transitions and notifications that are not listed may happen too. */
    others: z.enum(['refused', 'allowed']).default('refused'),
    /** Reasons of the dead letters, in order. */
    deadLetters: z.array(z.string()).default([]),
  }),
})

/** One test file: what a pipeline file does, without a broker. */
export const pipelineTestSchema = z.strictObject({
  /** Environment variables of the pipeline file; there are no others. */
  environment: z.record(z.string(), z.string()).default({}),
  tests: z.array(caseSchema).min(1),
})

export type PipelineTest = DeepReadonly<z.output<typeof pipelineTestSchema>>
export type PipelineTestCase = PipelineTest['tests'][number]
export type TestInput = PipelineTestCase['input'][number]
export type ExpectedTransition = PipelineTestCase['expect']['transitions'][number]
export type ExpectedTold = PipelineTestCase['expect']['told'][number]
