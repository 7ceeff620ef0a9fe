import type { PartialPipeline } from './schema/pipeline.ts'
import type { Finding } from './validate.ts'

/** What selection, dropped labels, a join and the alarms' matches take from each other. */
export function joinProblems(pipeline: PartialPipeline): Finding[] {
  return [joinedLabels, joinedSelection, joinedMatches, droppedLabels].flatMap((check) => check(pipeline))
}

/** The name differs between the metrics that are joined. */
function joinedLabels({ join }: PartialPipeline): Finding[] {
  if (join === undefined) return []
  return join.by.flatMap((label, i) =>
    label === 'name' || label === '__name__'
      ? [{ path: ['join', 'by', i], message: `"${label}" differs between the joined metrics (join by other labels)` }]
      : [],
  )
}

/** A metric that no rule takes would be missing in every point. */
function joinedSelection({ join, select = [] }: PartialPipeline): Finding[] {
  if (join === undefined || select.length === 0) return []
  return join.metrics.flatMap((metric, i) =>
    mayBeTaken(select, metric)
      ? []
      : [
          {
            path: ['join', 'metrics', i],
            message: `no rule of select takes "${metric}" (widen a rule, or delete it here)`,
          },
        ],
  )
}

/** The first rule that matches decides; one that also looks at labels may let a series pass to the next. */
function mayBeTaken(rules: NonNullable<PartialPipeline['select']>, metric: string): boolean {
  const decisive = rules.find(({ match, drop }) => {
    const { name, __name__, ...labels } = match
    const byName = matches(name ?? '.*', metric) && matches(__name__ ?? '.*', metric)
    return byName && (!drop || Object.keys(labels).length === 0)
  })
  return decisive !== undefined && !decisive.drop
}

/** Alarms see the joined series: its name, and the labels that it is joined by. */
function joinedMatches({ join, alarms = [] }: PartialPipeline): Finding[] {
  if (join === undefined) return []
  return alarms.flatMap(({ match }, i) =>
    Object.entries(match).flatMap(([label, text]) => {
      const path = ['alarms', i, 'match', label]
      if (label !== 'name' && label !== '__name__') {
        const message = `the joined series has no label "${label}" (it has ${join.by.join(', ')})`
        return join.by.includes(label) ? [] : [{ path, message }]
      }
      const message = `does not match the joined series, which is named "${join.name}" (delete it; input says which metric)`
      return matches(text, join.name) ? [] : [{ path, message }]
    }),
  )
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(text)
}

/** A label that was taken off cannot be joined by or matched on. Selection comes first and still sees it. */
function droppedLabels({ series, join, alarms = [] }: PartialPipeline): Finding[] {
  const dropped = series?.dropLabels ?? []
  const gone = (label: string) => `"${label}" is taken off by series.dropLabels (delete it in one of the two places)`
  const joined = (join?.by ?? []).flatMap((label, i) =>
    dropped.includes(label) ? [{ path: ['join', 'by', i], message: gone(label) }] : [],
  )
  const matched = alarms.flatMap(({ match }, i) =>
    Object.keys(match).flatMap((label) =>
      dropped.includes(label) ? [{ path: ['alarms', i, 'match', label], message: gone(label) }] : [],
    ),
  )
  return [...joined, ...matched]
}
