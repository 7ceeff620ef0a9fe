import type { ExpectedTold, ExpectedTransition, PipelineTestCase, TimeSpan } from '../../config/schema/pipeline-test.ts'
import { formatDuration } from '../../core/duration.ts'

/** A change of state as it happened, time as ms since the start of the test. */
export interface HappenedTransition {
  readonly atMs: number
  readonly alarm: string
  readonly series: string
  readonly from: string
  readonly to: string
}

/** A channel that was told of a state. */
export interface HappenedTold {
  readonly atMs: number
  readonly channel: string
  readonly alarm: string
  readonly series: string
  readonly state: string
}

/** What a case brought about. */
export interface Happened {
  readonly transitions: readonly HappenedTransition[]
  readonly told: readonly HappenedTold[]
  readonly deadLetters: readonly string[]
}

/** In what the things that happened differ from those that were expected, a line each. */
export function failuresOf(expected: PipelineTestCase['expect'], happened: Happened): readonly string[] {
  const { others } = expected
  return [
    ...compare(expected.transitions, happened.transitions, { ...TRANSITIONS, others }),
    ...compare(expected.told, happened.told, { ...TOLD, others }),
    ...compareLetters(expected.deadLetters, happened.deadLetters),
  ]
}

interface Comparison<Wanted, Found> {
  readonly fits: (found: Found, wanted: Wanted) => boolean
  readonly wanted: (wanted: Wanted) => string
  readonly found: (found: Found) => string
}

/** Each wanted thing takes the first one that fits it; what is left on either side is a failure, unless others are allowed. */
function compare<Wanted, Found>(
  wanted: readonly Wanted[],
  found: readonly Found[],
  how: Comparison<Wanted, Found> & Pick<PipelineTestCase['expect'], 'others'>,
): readonly string[] {
  const left = [...found]
  const missing = wanted.flatMap((one) => {
    const i = left.findIndex((candidate) => how.fits(candidate, one))
    if (i >= 0) left.splice(i, 1)
    return i >= 0 ? [] : [`did not happen: ${how.wanted(one)}`]
  })
  if (how.others === 'allowed') return missing
  return [...missing, ...left.map((one) => `was not expected: ${how.found(one)}`)]
}

const TRANSITIONS: Comparison<ExpectedTransition, HappenedTransition> = {
  fits: transitionFits,
  wanted: describeWanted,
  found: describeTransition,
}

const TOLD: Comparison<ExpectedTold, HappenedTold> = { fits: toldFits, wanted: describeWantedTold, found: describeTold }

function inTime(atMs: number, { fromMs, toMs }: TimeSpan): boolean {
  return atMs >= fromMs && atMs <= toMs
}

function transitionFits(one: HappenedTransition, { at, alarm, series, from, to }: ExpectedTransition): boolean {
  const same = one.alarm === alarm && one.series === series.key && one.to === to
  return same && (from ?? one.from) === one.from && inTime(one.atMs, at)
}

function toldFits(one: HappenedTold, { at, channel, alarm, series, state }: ExpectedTold): boolean {
  const same = one.channel === channel && one.alarm === alarm && one.state === state
  return same && (series?.key ?? one.series) === one.series && inTime(one.atMs, at)
}

function describeWanted({ at, alarm, series, from, to }: ExpectedTransition): string {
  return `${span(at)} ${alarm} of ${series.key}: ${from ?? 'any'} -> ${to}`
}

export function describeTransition({ atMs, alarm, series, from, to }: HappenedTransition): string {
  return `${clock(atMs)} ${alarm} of ${series}: ${from} -> ${to}`
}

function describeWantedTold({ at, channel, alarm, series, state }: ExpectedTold): string {
  return `${span(at)} ${channel} is told: ${alarm} of ${series?.key ?? 'any series'} is ${state}`
}

export function describeTold({ atMs, channel, alarm, series, state }: HappenedTold): string {
  return `${clock(atMs)} ${channel} is told: ${alarm} of ${series} is ${state}`
}

function span({ fromMs, toMs }: TimeSpan): string {
  return fromMs === toMs ? clock(fromMs) : `${clock(fromMs)}..${clock(toMs)}`
}

/** Time since the start with its days and hours apart: `2d3h10m`. */
function clock(ms: number): string {
  const units = [86_400_000, 3_600_000, 60_000, 1_000, 1]
  let left = ms
  const parts = units.flatMap((unit) => {
    const whole = left - (left % unit)
    left -= whole
    return whole === 0 ? [] : [formatDuration(whole)]
  })
  return parts.length === 0 ? '0s' : parts.join('')
}

function compareLetters(wanted: readonly string[], reasons: readonly string[]): readonly string[] {
  const expected = wanted.join(', ')
  const found = reasons.join(', ')
  return expected === found ? [] : [`dead letters: expected [${expected}], found [${found}]`]
}
