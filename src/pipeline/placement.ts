import { keyHashes, murmur2 } from '../core/key-hash.ts'
import { LIMITS } from '../core/limits.ts'

/** Keys whose hashes are told: enough to know how a topic's producers choose partitions. */
const KEYS_TOLD = 4_096
const EXAMPLES = 3

/** One of what was found, for people. */
export interface PlacementExample {
  readonly series: string
  readonly detail: string
}

/**
 * How records lie in their partition, as seen from inside: plain data, which adds up over steps. Only whoever knows
 * the number of partitions can tell what it means.
 */
export interface PlacementFacts {
  /** Samples of records with a key, and of records without one (or with an empty one, which is none to some). */
  keyed: number
  unkeyed: number
  /** Of each new key, the numbers of `keyHashes`, one after the other. */
  readonly hashes: number[]
  /** Series that came under more than one key. */
  severalKeys: number
  /** Samples of a second series for an input of a joined entity, in a period in which it had one of the first. */
  joinClashes: number
  readonly keyExamples: PlacementExample[]
  readonly clashExamples: PlacementExample[]
}

export function noPlacement(): PlacementFacts {
  return { keyed: 0, unkeyed: 0, hashes: [], severalKeys: 0, joinClashes: 0, keyExamples: [], clashExamples: [] }
}

const SEVERAL = Number.NaN

/**
 * Watches under which keys the series of one partition come. It judges nothing and changes no result; after a restore
 * it begins anew.
 */
export class PlacementWitness {
  readonly #keyOf = new Map<string, number>()
  readonly #told = new Set<number>()
  readonly #clashSource = new Map<string, { series: string; periodMs: number }>()
  /** Of the record in hand: samples of one record share its key. */
  #key: Uint8Array | null = null
  #hash: number | undefined

  record(key: Uint8Array | null): void {
    this.#key = key
    this.#hash = undefined
  }

  /** A sample of the record in hand was for this series. */
  sample(series: string, facts: PlacementFacts): void {
    const key = this.#key
    if (key === null || key.length === 0) {
      facts.unkeyed++
      return
    }
    facts.keyed++
    this.#hash ??= this.#tell(key, facts)
    const known = this.#keyOf.get(series)
    if (known === this.#hash || (known !== undefined && Number.isNaN(known))) return
    if (known === undefined) {
      if (this.#keyOf.size < LIMITS.seriesPerTask) this.#keyOf.set(series, this.#hash)
      return
    }
    this.#keyOf.set(series, SEVERAL)
    facts.severalKeys++
    if (facts.keyExamples.length >= EXAMPLES) return
    facts.keyExamples.push({ series, detail: `also under the key ${shown(key)}` })
  }

  #tell(key: Uint8Array, facts: PlacementFacts): number {
    const hash = murmur2(key)
    if (this.#told.size < KEYS_TOLD && !this.#told.has(hash)) {
      this.#told.add(hash)
      facts.hashes.push(...keyHashes(key))
    }
    return hash
  }

  /** A joined entity took a sample of this series for one of its inputs. */
  joined(entity: string, input: number, series: string, periodMs: number, facts: PlacementFacts): void {
    const place = `${input} ${entity}`
    const before = this.#clashSource.get(place)
    if (before?.series === series) {
      before.periodMs = periodMs
      return
    }
    if (before !== undefined && before.periodMs === periodMs) {
      facts.joinClashes++
      if (facts.clashExamples.length < EXAMPLES)
        facts.clashExamples.push({ series: entity, detail: `${before.series} and ${series}` })
    }
    if (before !== undefined || this.#clashSource.size < LIMITS.seriesPerTask * 2)
      this.#clashSource.set(place, { series, periodMs })
  }

  /** The series was let go: whatever comes under its name is another one. */
  forget(series: string): void {
    this.#keyOf.delete(series)
  }
}

const KEY_CHARS = 120

const shown = (key: Uint8Array) => JSON.stringify(new TextDecoder().decode(key).slice(0, KEY_CHARS))
