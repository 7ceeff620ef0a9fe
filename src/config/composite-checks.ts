import { evaluationOrder, ruleChildren } from '../alarm/composite.ts'
import { parseAlarmRule } from '../alarm/rule-parser.ts'
import { parseSchedule } from '../alarm/schedule.ts'
import { asTidegaugeError } from '../core/errors.ts'
import type { ParsedPipeline, PartialPipeline } from './schema/pipeline.ts'
import { suggestion } from './suggest.ts'
import type { Finding } from './validate.ts'

type Composite = ParsedPipeline['composites'][number]

/** What composites and mutes may refer to; undefined when one of the lists is not known. */
function alarmNames({ alarms, composites }: PartialPipeline): readonly string[] | undefined {
  return alarms && composites && [...alarms, ...composites].map(({ name }) => name)
}

function unknownAlarm(name: string, known: readonly string[]): string {
  return `no alarm "${name}" (${suggestion(name, known)})`
}

/** Rules that can be read, name alarms that exist, and do not go round in circles. */
export function compositeProblems(pipeline: PartialPipeline): Finding[] {
  const { composites = [] } = pipeline
  const known = alarmNames(pipeline)
  const findings = composites.flatMap((composite, i) => [
    ...ruleProblems(composite.rule, ['composites', i, 'rule'], known),
    ...suppressorProblems(composite, ['composites', i, 'suppressor', 'alarm'], known),
  ])
  return findings.length > 0 ? findings : [...circles(composites), ...apart(pipeline)]
}

function ruleProblems(text: string, path: Finding['path'], known: readonly string[] | undefined): Finding[] {
  const rule = parseAlarmRule(text)
  if (!rule.ok) {
    const { message, at } = rule.error
    return [{ path, message: `${message}, at character ${at + 1} (as in: ALARM("a") AND NOT ALARM("b"))` }]
  }
  if (known === undefined) return []
  return ruleChildren(rule.value)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path, message: unknownAlarm(name, known) }))
}

function suppressorProblems(
  { name, suppressor }: Composite,
  path: Finding['path'],
  known: readonly string[] | undefined,
): Finding[] {
  if (suppressor === undefined || known === undefined) return []
  if (suppressor.alarm === name) return [{ path, message: 'an alarm cannot suppress itself (name another)' }]
  return known.includes(suppressor.alarm) ? [] : [{ path, message: unknownAlarm(suppressor.alarm, known) }]
}

function circles(composites: readonly Composite[]): Finding[] {
  const dependents = composites.map(({ name, rule, suppressor }) => {
    const parsed = parseAlarmRule(rule)
    const children = parsed.ok ? ruleChildren(parsed.value) : []
    return { name, dependsOn: suppressor === undefined ? children : [...children, suppressor.alarm] }
  })
  try {
    evaluationOrder(dependents)
    return []
  } catch (thrown) {
    const { where, message, hint } = asTidegaugeError(thrown)
    const i = composites.findIndex(({ name }) => where === `composites.${name}.rule`)
    return [{ path: ['composites', Math.max(0, i), 'rule'], message: `${message} (${hint})` }]
  }
}

/** A composite combines alarms of one series: two that never watch the same one make it never exist. */
function apart({ alarms = [], composites = [] }: PartialPipeline): Finding[] {
  return composites.flatMap(({ rule }, i) => {
    const parsed = parseAlarmRule(rule)
    const children = parsed.ok ? ruleChildren(parsed.value) : []
    const watched = alarms.filter(({ name }) => children.includes(name))
    const conflict = watched.flatMap((a) => watched.map((b) => [a, b, differingLabel(a.match, b.match)] as const))
    const [first] = conflict.filter(([, , label]) => label !== undefined)
    if (first === undefined) return []
    const [a, b, label] = first
    const message = `no series has both "${a.name}" and "${b.name}": they watch another ${label} (join the metrics, and give the alarms an input)`
    return [{ path: ['composites', i, 'rule'], message }]
  })
}

type Match = Readonly<Record<string, string>>

/** A label for which both ask for one certain value, and not the same. */
function differingLabel(a: Match, b: Match): string | undefined {
  const isCertain = (text: string | undefined) => text !== undefined && /^[\w-]+$/.test(text)
  return Object.keys(a).find((label) => a[label] !== b[label] && isCertain(a[label]) && isCertain(b[label]))
}

/** Schedules that can be read, and alarms that exist. */
export function muteProblems(pipeline: PartialPipeline): Finding[] {
  const { mutes = [] } = pipeline
  const known = alarmNames(pipeline)
  return mutes.flatMap((mute, i) => {
    const schedule = parseSchedule(mute.schedule)
    const unread: Finding[] = schedule.ok
      ? []
      : [
          {
            path: ['mutes', i, 'schedule'],
            message: `${schedule.error} (as in: cron(0 22 * * MON-FRI), at(2026-03-02T22:00))`,
          },
        ]
    const unknown = mute.alarms.flatMap((name, j) =>
      known === undefined || known.includes(name)
        ? []
        : [{ path: ['mutes', i, 'alarms', j], message: unknownAlarm(name, known) }],
    )
    return [...unread, ...unknown]
  })
}
