import { JsonlSinks } from '../../src/adapters/disk/jsonl-sink.ts'
import type { CommitUnit } from '../../src/runtime/ports.ts'

export const COMMIT_FOREVER = { id: 'tidegauge.web.samples.0', group: 'tidegauge-web', topic: 'samples', partition: 0 }

const { id, group, ...SOURCE } = COMMIT_FOREVER

/** The commit after `offset`: three scores, and an alarm with every fifth. */
export function unitAfter(offset: bigint): CommitUnit {
  const n = offset + 1n
  const scores = ['a', 'b', 'c'].map((series) => ({
    topic: 'scores',
    key: series,
    value: JSON.stringify({ n: String(n), series, padding: 'x'.repeat(Number(n % 977n)) }),
  }))
  const alarms = n % 5n === 0n ? [{ topic: 'alarms', key: 'a', value: JSON.stringify({ n: String(n) }) }] : []
  return { records: [...scores, ...alarms], offsets: [{ ...SOURCE, offset: n }] }
}

/** Goes on after the last commit until it is killed. */
async function commitForever(root: string): Promise<void> {
  const sinks = new JsonlSinks(root)
  const sink = await sinks.open(id, group)
  let offset = (await sinks.fetchCommitted(group, SOURCE))?.offset ?? 0n
  process.stdout.write('open\n')
  for (;;) {
    const unit = unitAfter(offset)
    await sink.commit(unit)
    offset += 1n
  }
}

// Run as a program: the folder is its argument.
if (process.argv[1] === import.meta.filename) await commitForever(process.argv[2] ?? '')
