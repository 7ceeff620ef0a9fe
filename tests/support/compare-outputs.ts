import type { CommittedRecord } from './committed-records.ts'

/** How the results of a run differ from those that it should have; all 0 when it gave the same. */
export interface OutputDifference {
  readonly records: number
  readonly lost: number
  readonly duplicated: number
  /** Records that say something else, that should not be, or that are not in their order. */
  readonly different: number
  /** The first difference, for people. */
  readonly example: string | undefined
}

type Results = readonly CommittedRecord[]

/**
 * Compares results where an order is promised: for each series within a topic, and for the dead letters of each input
 * partition. Between series there is none, as partitions are worked on side by side.
 */
export function compareOutputs(expected: Results, actual: Results): OutputDifference {
  const wanted = grouped(expected)
  const found = grouped(actual)
  let [lost, duplicated, different] = [0, 0, 0]
  let example: string | undefined
  for (const order of new Set([...wanted.keys(), ...found.keys()])) {
    const difference = compareOrder(wanted.get(order) ?? [], found.get(order) ?? [])
    lost += difference.lost
    duplicated += difference.duplicated
    different += difference.different
    if (example === undefined && difference.example !== undefined) example = `${order}: ${difference.example}`
  }
  return { records: expected.length, lost, duplicated, different, example }
}

interface Identified {
  /** What the record is about: no two records of an undisturbed run share it. */
  readonly id: string
  readonly text: string
}

function grouped(records: Results): Map<string, Identified[]> {
  const groups = new Map<string, Identified[]>()
  for (const record of records) {
    const { topic, key, value, headers, timestampMs } = record
    const offset = headers['tidegauge-offset']
    const order = `${roleOf(topic)} ${key ?? `partition ${headers['tidegauge-partition']}`}`
    const id = offset === undefined ? (eventIdOf(value) ?? `at ${timestampMs}`) : `offset ${offset}`
    const group = groups.get(order) ?? []
    // Dead letters have the producer's time: it is not part of what they say.
    const said = offset === undefined ? [key, value, timestampMs] : [value, headers]
    group.push({ id, text: JSON.stringify(said) })
    groups.set(order, group)
  }
  return groups
}

/** Runs write to topics of their own, named by the run before a dot and what is in them after it. */
const roleOf = (topic: string) => topic.slice(topic.indexOf('.') + 1)

/** Of an alarm event; a score has none, its period is one of a kind in its series. */
function eventIdOf(value: string): string | undefined {
  return /^\{"schemaVersion":\d+,"id":"([^"]*)"/.exec(value)?.[1]
}

function compareOrder(
  expected: readonly Identified[],
  actual: readonly Identified[],
): Omit<OutputDifference, 'records'> {
  const texts = new Map(expected.map(({ id, text }) => [id, text]))
  const counts = new Map<string, number>()
  let [duplicated, different] = [0, 0]
  let example: string | undefined
  const note = (what: string, { id, text }: Identified) => {
    example ??= `${what} ${id}: ${text.slice(0, 400)}; expected ${texts.get(id)?.slice(0, 400) ?? 'nothing'}`
  }
  const firsts = new Set<string>()
  for (const record of actual) {
    const before = counts.get(record.id) ?? 0
    counts.set(record.id, before + 1)
    if (before > 0) {
      duplicated++
      note('twice', record)
    } else if (texts.get(record.id) !== record.text) {
      different++
      note('different', record)
    } else firsts.add(record.id)
  }
  const lost = expected.filter(({ id }) => !counts.has(id))
  if (lost[0] !== undefined) note('lost', lost[0])
  const order = [...firsts]
  const misplaced = expected.filter(({ id }) => firsts.has(id)).filter(({ id }, i) => order[i] !== id)
  if (misplaced[0] !== undefined) note('out of order', misplaced[0])
  return { lost: lost.length, duplicated, different: different + misplaced.length, example }
}
