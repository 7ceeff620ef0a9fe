import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomCutForest } from '../../../src/forest/random-cut-forest.ts'

interface Frozen {
  readonly settings: object
  readonly periods: number
  readonly next: readonly {
    readonly values: number[]
    readonly codisp: number
    readonly depthScore: number
    readonly displacement: number
    /** null is infinity, which JSON has not. */
    readonly density: number | null
    readonly leaveOut: number
  }[]
}

const read = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url))
const frozen = JSON.parse(read('state-v1.json').toString()) as Readonly<Record<string, Frozen>>

describe.each(Object.entries(frozen))('the snapshot of version 1 named %s', (name, { settings, periods, next }) => {
  it('loads, and goes on with the bits of the forest that wrote it', () => {
    using forest = RandomCutForest.restore(read(`state-v1-${name}.bin`))
    expect(forest.settings).toEqual(settings)
    expect(forest.periods).toBe(periods)
    for (const { values, leaveOut, density, ...scores } of next) {
      expect(forest.score(values, { leaveOut: true }).codisp).toBe(leaveOut)
      expect(forest.process(values)).toEqual({ ...scores, density: density ?? Number.POSITIVE_INFINITY })
    }
  })

  it('is written again byte for byte', () => {
    const bytes = read(`state-v1-${name}.bin`)
    using forest = RandomCutForest.restore(bytes)
    expect(Buffer.from(forest.snapshot()).equals(bytes)).toBe(true)
  })
})
