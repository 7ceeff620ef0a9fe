import { asTidegaugeError, TidegaugeError } from '../../src/core/errors.ts'
import { Rng } from '../../src/core/rng.ts'
import type { TopicPartition } from '../../src/runtime/ports.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { StateWorld } from './state-world.ts'
import { Member, PARTITIONS, type Plant, publish, type World } from './world.ts'

/** How many seeds a run goes through; SIMULATIONS asks for more, or for less. */
export const SEEDS = Number(process.env['SIMULATIONS'] ?? 10_000)

/** What a read-committed consumer saw of each input partition's results, as text. */
type Results = readonly (readonly string[])[]

export interface Verdict {
  readonly same: boolean
  /** The first record that is not as it should be, shortened; undefined when all are. */
  readonly difference: string | undefined
}

/** Runs every `step`th seed from `first` to `last`; the first difference, or undefined. */
export async function simulateSeeds(first: number, last: number, step: number): Promise<string | undefined> {
  for (let seed = first; seed <= last; seed += step) {
    const { difference } = await simulate(seed)
    if (difference !== undefined) return `seed ${seed}: ${difference}`
  }
  return undefined
}

/** One seeded run with crashes, moves, zombies, failed commits and torn checkpoints, beside an undisturbed one. */
export async function simulate(seed: number, plant: Plant = 'none'): Promise<Verdict> {
  const expected = await undisturbed(seed)
  const { results, forgotten } = await disturbed(seed, plant)
  const memory = forgotten === 0 ? undefined : `${forgotten} times a checkpoint that was named was not found`
  const difference = firstDifference(expected, results) ?? memory
  return { same: difference === undefined, difference }
}

function firstDifference(expected: Results, actual: Results): string | undefined {
  for (const [partition, records] of expected.entries()) {
    const found = actual[partition] ?? []
    const at = records.findIndex((record, i) => record !== found[i])
    const place = at === -1 && found.length > records.length ? records.length : at
    if (place === -1) continue
    const shorten = (record: string | undefined) => record?.slice(0, 300) ?? 'nothing'
    return `partition ${partition}, record ${place} of ${records.length} (${found.length} came): ${shorten(records[place])} became ${shorten(found[place])}`
  }
  return undefined
}

async function undisturbed(seed: number): Promise<Results> {
  const broker = new FakeBroker()
  publish(broker, new Rng(seed))
  const rng = new Rng(seed)
  const world: World = { broker, rng, state: new StateWorld(rng, false), plant: 'none', forgotten: 0 }
  const member = new Member(world)
  await member.start()
  for (const partition of PARTITIONS) {
    await member.assign(partition)
    await member.source.poll(partition, Number.POSITIVE_INFINITY)
  }
  await member.stop()
  return resultsOf(broker)
}

async function disturbed(seed: number, plant: Plant): Promise<{ results: Results; forgotten: number }> {
  const broker = new FakeBroker()
  publish(broker, new Rng(seed))
  const rng = new Rng(seed + 0x5eed)
  const world: World = { broker, rng, state: new StateWorld(rng, true), plant, forgotten: 0 }
  broker.commitFault = () => {
    const draw = rng.below(14)
    return draw === 0 ? 'before' : draw === 1 ? 'after' : 'none'
  }
  broker.staleOffsets = plant === 'committed_before_fencing'
  for (const partition of PARTITIONS) await disturb(partition, world)
  return { results: resultsOf(broker), forgotten: world.forgotten }
}

/** Moves one partition from owner to owner until all of it is committed. */
async function disturb(partition: TopicPartition, world: World): Promise<void> {
  const { broker, rng } = world
  const end = BigInt(broker.log(partition).length)
  const zombies: Member[] = []
  let owner: Member | undefined
  let usurped = false
  // While a member waits to try its commit again, another one takes the partition and commits a part of the same.
  const meanwhile = async () => {
    if (usurped || rng.below(2) === 0) return
    usurped = true
    const usurper = new Member(world, meanwhile)
    zombies.push(usurper)
    await usurper.start()
    await attempt(() => usurper.assign(partition))
    await attempt(() => usurper.source.poll(partition, 1 + rng.below(25)))
    usurped = false
  }
  const committed = () => broker.offsets.get(`${partition.topic}-${partition.partition}`) ?? 0n
  for (let moves = 0; committed() < end; ) {
    if (owner === undefined) {
      owner = new Member(world, meanwhile)
      await owner.start()
      await owner.assign(partition)
    }
    const action = rng.below(10)
    const calm = moves > 40
    if (calm || action < 6) {
      const alive = await attempt(() => owner?.source.poll(partition, 1 + rng.below(25)))
      if (alive === 'dead') owner = undefined
      else if (alive === false) {
        await attempt(() => owner?.source.revoke(partition))
        owner = undefined
      }
    } else if (action === 6) {
      owner.kill(partition)
      owner = undefined
      moves++
    } else if (action === 7) {
      const leaver = owner
      owner = undefined
      moves++
      if (rng.below(2) === 0) await attempt(() => leaver.source.revoke(partition))
      // Records come while its state is written.
      else
        await Promise.all([
          attempt(() => leaver.stop()),
          attempt(() => leaver.source.poll(partition, 1 + rng.below(25))),
        ])
    } else if (action === 8) {
      // A zombie: it was given up by the group but does not know it yet.
      zombies.push(owner)
      owner = undefined
      moves++
    } else {
      for (const zombie of zombies) await attempt(() => zombie.source.poll(partition, 1 + rng.below(9)))
    }
  }
  for (const zombie of zombies) await attempt(() => zombie.source.revoke(partition))
}

/** Runs a step of a member; a member that fails for good is dead, as its process would be. */
async function attempt<T>(step: () => Promise<T> | undefined): Promise<T | 'dead' | undefined> {
  try {
    return await step()
  } catch (thrown) {
    if (asTidegaugeError(thrown).code === 'INTERNAL' || !(thrown instanceof TidegaugeError)) throw thrown
    return 'dead'
  }
}

const TOPICS = ['scores', 'alarms', 'dead']

/** Topic by topic: only within a topic is there an order, as commits cut the topics' records at the same places. */
function resultsOf(broker: FakeBroker): Results {
  return PARTITIONS.map(({ topic: from, partition }) => {
    const results: string[][] = TOPICS.map(() => [])
    for (const { source, topic, key, value, headers, timestampMs } of broker.visible) {
      if (source !== `${from}-${partition}`) continue
      const said = headers === undefined ? '' : JSON.stringify(headers)
      results[TOPICS.indexOf(topic)]?.push(`${topic} ${key} ${timestampMs} ${value} ${said}`)
    }
    return results.flat()
  })
}
