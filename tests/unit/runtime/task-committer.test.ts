import { describe, expect, it } from 'vitest'
import type { BatchControl } from '../../../src/runtime/ports.ts'
import { TaskCommitter } from '../../../src/runtime/task-committer.ts'
import { FakeBroker } from '../../support/fake-broker.ts'

const IN = { topic: 'in', partition: 0 }
const OURS: BatchControl = { heartbeat: async () => {}, isCurrent: () => true }

const unit = (offset: bigint) => ({
  records: [{ topic: 'out', key: null, value: `to ${offset}` }],
  offsets: [{ ...IN, offset, metadata: '' }] as const,
})

/** A committer on the broker that has taken the partition; `sleep` is what happens while it waits. */
async function taken(broker: FakeBroker, sleep: () => Promise<void> = async () => {}) {
  const failures: string[] = []
  const ports = { sinks: broker, sleep, onFailure: ({ code }: { code: string }) => void failures.push(code) }
  const committer = new TaskCommitter('id', 'group', ports)
  await committer.take(async () => {
    const offset = broker.offsets.get('in-0')
    return offset === undefined ? undefined : { offset, metadata: '' }
  })
  return { committer, failures }
}

/** Each of the next commits ends in one of these, the later ones well. */
function faults(broker: FakeBroker, ...next: ('before' | 'after')[]): void {
  broker.commitFault = () => next.shift() ?? 'none'
}

const said = (broker: FakeBroker) => broker.visible.map(({ value }) => value)

describe('TaskCommitter', () => {
  it('tries again what was not committed, and not what was although its answer was lost', async () => {
    const broker = new FakeBroker()
    const { committer, failures } = await taken(broker)
    faults(broker, 'before', 'before', 'after')
    await committer.commit(unit(5n), OURS)
    await committer.commit(unit(9n), OURS)
    expect(said(broker)).toEqual(['to 5', 'to 9'])
    expect(failures).toEqual(['BROKER_UNREACHABLE', 'BROKER_UNREACHABLE', 'BROKER_UNREACHABLE'])
  })

  it('commits nothing any more once another owner has: finding out has fenced that one', async () => {
    const broker = new FakeBroker()
    const { committer } = await taken(broker, async () => {
      if (broker.offsets.size > 0) return
      const other = await taken(broker)
      await other.committer.commit(unit(3n), OURS)
    })
    faults(broker, 'before')
    await expect(committer.commit(unit(5n), OURS)).rejects.toMatchObject({ code: 'FENCED' })
    // On whatever occasion it is asked next, with what is left of the same results.
    await expect(committer.commit(unit(5n), OURS)).rejects.toMatchObject({ code: 'FENCED' })
    expect(said(broker)).toEqual(['to 3'])
  })

  it('gives up a commit that waits when the partition is taken away', async () => {
    const broker = new FakeBroker()
    let isOurs = true
    const { committer } = await taken(broker, async () => {
      isOurs = false
    })
    faults(broker, 'before')
    const control = { ...OURS, isCurrent: () => isOurs }
    await expect(committer.commit(unit(5n), control)).rejects.toMatchObject({ code: 'FENCED' })
    expect(said(broker)).toEqual([])
  })
})
