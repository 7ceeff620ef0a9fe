import { type AlarmProblem, alarmProblems, completeAlarm } from '../alarm/options.ts'
import { formatDuration } from '../core/duration.ts'
import { asTidegaugeError } from '../core/errors.ts'
import { resolveWindowOptions } from '../window/options.ts'
import { compositeProblems, muteProblems } from './composite-checks.ts'
import { joinProblems } from './join-checks.ts'
import { windowInput } from './pipeline-options.ts'
import type { PartialPipeline } from './schema/pipeline.ts'
import { suggestion } from './suggest.ts'
import type { Finding } from './validate.ts'

type Check = (pipeline: PartialPipeline) => readonly Finding[]

const CHECKS: readonly Check[] = [
  uniqueNames,
  windowFits,
  dataRange,
  joinProblems,
  alarmsWithTheirModel,
  alarmWindows,
  routingKeys,
  knownChannels,
  compositeProblems,
  muteProblems,
  topicsApart,
  commitBeforeCheckpoint,
]

/** Everything in which the fields of a pipeline contradict each other. */
export function contradictions(pipeline: PartialPipeline): readonly Finding[] {
  return CHECKS.flatMap((check) => check(pipeline))
}

/** Alarms and composites share their names: rules, mutes and events refer to both. */
function uniqueNames({ alarms = [], composites = [], mutes = [], notify = [] }: PartialPipeline): Finding[] {
  const named = (list: string, items: readonly { readonly name: string }[]) =>
    items.map(({ name }, i) => ({ name, path: [list, i, 'name'] }))
  const groups = [
    [...named('alarms', alarms), ...named('composites', composites)],
    named('mutes', mutes),
    named('notify', notify),
  ]
  return groups.flatMap((group) =>
    group.flatMap(({ name, path }, i) => {
      const first = group.findIndex((other) => other.name === name)
      const where = group[first]?.path.slice(0, 2)
      return first === i
        ? []
        : [{ path, message: `"${name}" is also the name of ${where?.[0]}[${where?.[1]}] (rename one)` }]
    }),
  )
}

/** The window stage's own checks, filed under the YAML key that each option comes from. */
function windowFits({ period, series }: PartialPipeline): Finding[] {
  if (period === undefined || series === undefined) return []
  try {
    resolveWindowOptions(windowInput(period, series))
    return []
  } catch (thrown) {
    const { where = '', message, hint } = asTidegaugeError(thrown)
    const path =
      where === 'window.expireAfterMs' ? ['series', 'expireAfter'] : ['period', WINDOW_KEYS[where] ?? 'length']
    return [{ path, message: hint === undefined ? message : `${message} (${hint})` }]
  }
}

const WINDOW_KEYS: Readonly<Record<string, string>> = {
  'window.latenessMs': 'lateness',
  'window.statistic': 'statistic',
  'window.missing': 'missing',
  'window.counter': 'counters',
}

function dataRange({ band }: PartialPipeline): Finding[] {
  const { min, max } = band?.dataRange ?? {}
  if (min === undefined || max === undefined || min < max) return []
  return [{ path: ['band', 'dataRange', 'min'], message: `${min} is not below max, ${max} (swap them?)` }]
}

/** What an alarm compares must exist. */
function alarmsWithTheirModel({ alarms = [], detector }: PartialPipeline): Finding[] {
  if (detector?.kind !== 'off') return []
  return alarms.flatMap(({ on }, i) =>
    on === 'threshold'
      ? []
      : [
          {
            path: ['alarms', i, 'on'],
            message: `there is no ${on}: detector.kind is off (use forest, or alarm on threshold)`,
          },
        ],
  )
}

/** The alarm stage's own checks: M of N, CloudWatch's limits on N periods, inputs of a joined point. */
function alarmWindows({ alarms = [], period, join }: PartialPipeline): Finding[] {
  if (period === undefined) return []
  return alarms.flatMap((alarm, i) => {
    const options = completeAlarm({ ...alarm, periodMs: period.length })
    return alarmProblems(options, join?.metrics).map((problem) => ({
      path: ['alarms', i, fieldOf(problem)],
      message: `${problem.message} (${problem.hint})`,
    }))
  })
}

function fieldOf({ field }: AlarmProblem): string {
  return field === 'periodMs' ? 'evaluationPeriods' : field
}

/** A routing key is PagerDuty's, and PagerDuty needs it. */
function routingKeys({ notify = [] }: PartialPipeline): Finding[] {
  return notify.flatMap(({ webhook }, i) => {
    const path = ['notify', i, 'webhook', 'routingKey']
    const given = webhook.routingKey !== undefined
    if (webhook.format === 'pagerduty' && !given)
      return [{ path, message: "is required with format pagerduty (the integration's key)" }]
    if (webhook.format !== 'pagerduty' && given)
      return [{ path, message: `is of no use with format ${webhook.format} (delete it, or use pagerduty)` }]
    return []
  })
}

function knownChannels({ alarms = [], composites = [], notify }: PartialPipeline): Finding[] {
  if (notify === undefined) return []
  const known = notify.map((channel) => channel.name)
  const inList = (list: string, items: PartialPipeline['composites'] | PartialPipeline['alarms'] = []) =>
    items.flatMap(({ actions }, i) =>
      Object.entries(actions).flatMap(([state, channels]) =>
        channels.flatMap((channel, j) => {
          const path = [list, i, 'actions', state, j]
          const message = `no channel "${channel}" in notify (${suggestion(channel, known)})`
          return known.includes(channel) ? [] : [{ path, message }]
        }),
      ),
    )
  return [...inList('alarms', alarms), ...inList('composites', composites)]
}

/** Results go to topics of their own: a pipeline that reads what it writes feeds itself. */
function topicsApart({ source, sinks, checkpoint }: PartialPipeline): Finding[] {
  if (sinks === undefined) return []
  const { remoteWrite: _, ...topics } = sinks
  const results = Object.entries(topics).map(([name, { topic }]) => ({ topic, path: ['sinks', name, 'topic'] }))
  const { topic = '', enabled = false } = checkpoint?.changelog ?? {}
  const outputs = enabled ? [...results, { topic, path: ['checkpoint', 'changelog', 'topic'] }] : results
  return outputs.flatMap(({ topic, path }, i) => {
    if (source?.kafka.topics.includes(topic)) {
      return [{ path, message: `"${topic}" is also read from: the pipeline would feed itself (choose another)` }]
    }
    const first = outputs.findIndex((other) => other.topic === topic)
    const taken = outputs[first]?.path.join('.')
    return first === i ? [] : [{ path, message: `"${topic}" is also ${taken} (choose another)` }]
  })
}

function commitBeforeCheckpoint({ commit, checkpoint }: PartialPipeline): Finding[] {
  if (commit === undefined || checkpoint === undefined || commit.interval <= checkpoint.interval) return []
  const message = `${formatDuration(checkpoint.interval)} is shorter than commit.interval, ${formatDuration(commit.interval)} (a checkpoint belongs to a commit: make it at least as long)`
  return [{ path: ['checkpoint', 'interval'], message }]
}
