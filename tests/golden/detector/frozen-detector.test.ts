import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { restoreDetector } from '../../../src/pipeline/detector/create-detector.ts'
import { DETECTOR_DEFAULTS, type DetectorSetup } from '../../../src/pipeline/detector/options.ts'

interface Frozen {
  readonly options: Pick<DetectorSetup, 'inputs' | 'periodMs' | 'trees' | 'sampleSize'>
  readonly next: readonly {
    readonly timestampMs: number
    readonly values: readonly number[]
    readonly score: number
    readonly grade: number
    readonly reason: string
    readonly expected: readonly number[]
    readonly upper: readonly number[]
    readonly attribution: readonly object[]
  }[]
}

const read = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url))
const frozen = JSON.parse(read('detector-v2.json').toString()) as Readonly<Record<string, Frozen>>

describe.each(Object.entries(frozen))('the state of a detector of %s input', (name, { options, next }) => {
  const setup = { ...DETECTOR_DEFAULTS, ...options }
  const goOn = (file: string) => {
    const detector = restoreDetector(setup, read(file))
    const points = next.map(({ timestampMs, values }) =>
      detector.step({
        timestampMs,
        values: Float64Array.from(values),
        observed: new Uint8Array(values.length).fill(1),
      }),
    )
    detector.dispose()
    return points
  }

  it.each([2, 3])('version %i goes on with the bits of the detector that wrote it', (version) => {
    const points = goOn(`detector-v${version}-${name}.bin`)
    points.forEach((point, i) => {
      const { values: _, expected, upper, ...said } = next[i] as Frozen['next'][number]
      expect(point).toMatchObject(said)
      expect(point.inputs.map((input) => input.expected)).toEqual(expected)
      expect(point.inputs.map((input) => input.upper)).toEqual(upper)
    })
    expect(points.some(({ grade }) => grade > 0)).toBe(true)
  })

  it('version 3 is written again byte for byte', () => {
    const bytes = read(`detector-v3-${name}.bin`)
    const detector = restoreDetector(setup, bytes)
    expect(Buffer.from(detector.snapshot()).equals(bytes)).toBe(true)
    detector.dispose()
  })

  it('version 1 is read: bands go on, and tails begin anew', () => {
    const points = goOn(`detector-v1-${name}.bin`)
    expect(points[0]?.inputs.map((input) => input.expected)).toEqual(next[0]?.expected)
    expect(points.every(({ score }) => Number.isFinite(score))).toBe(true)
    expect(points.filter(({ reason }) => reason === 'learning')).toEqual([])
  })
})
