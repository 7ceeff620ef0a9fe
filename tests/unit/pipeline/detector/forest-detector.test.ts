import { expect, test } from 'vitest'
import type { ScoredPoint } from '../../../../src/band/scored-point.ts'
import { Rng } from '../../../../src/core/rng.ts'
import type { SeriesDetector } from '../../../../src/pipeline/detector/contract.ts'
import { createDetector, restoreDetector } from '../../../../src/pipeline/detector/create-detector.ts'
import { DETECTOR_DEFAULTS, type DetectorSetup } from '../../../../src/pipeline/detector/options.ts'

const PERIOD_MS = 300_000
const START_MS = Date.UTC(2024, 0, 1)
const SEED = ['pipeline', 'series']

function setup(change: Partial<DetectorSetup> = {}): DetectorSetup {
  return { ...DETECTOR_DEFAULTS, inputs: ['m'], periodMs: PERIOD_MS, ...change }
}

function at(index: number): number {
  return START_MS + index * PERIOD_MS
}

function feed(detector: SeriesDetector, index: number, ...values: number[]): ScoredPoint {
  const observed = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1))
  return detector.step({ timestampMs: at(index), values: Float64Array.from(values), observed })
}

/** Noise about 100 from its own generator, so that the same index has the same value in every run. */
function noise(count: number, seed = 1): number[] {
  const rng = new Rng(seed)
  return Array.from({ length: count }, () => 100 + rng.normal())
}

function run(detector: SeriesDetector, values: readonly number[], from = 0): ScoredPoint[] {
  return values.map((value, i) => feed(detector, from + i, value))
}

test('a spike is an anomaly with a reason, a band and an attribution', () => {
  const detector = createDetector(setup(), SEED)
  run(detector, noise(600))
  const point = feed(detector, 600, 130)
  expect(point.grade).toBeGreaterThan(0.5)
  expect(point.score).toBeGreaterThan(1)
  expect(point.reason).toMatch(/^anomalous_/)
  expect(point.inputs[0]?.upper).toBeLessThan(110)
  expect(point.attribution).toEqual([{ input: 'm', lag: 0, direction: 'above', share: 1 }])
  expect(point.confidence).toBeGreaterThan(0.9)
  detector.dispose()
})

test('a second spike right after the first is not masked', () => {
  const detector = createDetector(setup(), SEED)
  run(detector, noise(600))
  expect(feed(detector, 600, 120).grade).toBeGreaterThan(0)
  expect(feed(detector, 601, 100).grade).toBe(0)
  expect(feed(detector, 602, 160).grade).toBeGreaterThan(0)
  detector.dispose()
})

test('spikes as large as earlier ones are anomalies too, without a season and however close they come', () => {
  const detector = createDetector(setup(), SEED)
  const spikes = [600, 640, 900, 1_300]
  const values = noise(1_400).map((value, i) => value + (spikes.includes(i) ? 15 : 0))
  const graded = run(detector, values).flatMap(({ grade }, i) => (grade > 0 ? [i] : []))
  expect(graded.filter((i) => spikes.includes(i)).slice(0, 3)).toEqual(spikes.slice(0, 3))
  expect(graded.filter((i) => !spikes.includes(i) && !spikes.includes(i - 1))).toEqual([])
  detector.dispose()
})

test('an attribution tells which of the periods in a shingle were unusual, and on which side', () => {
  const detector = createDetector(setup({ shingle: 4 }), SEED)
  run(detector, noise(600))
  const spike = feed(detector, 600, 70)
  expect(spike.grade).toBeGreaterThan(0)
  expect(spike.attribution[0]).toMatchObject({ input: 'm', lag: 0, direction: 'below' })
  expect(spike.attribution[0]?.share).toBeGreaterThan(0.5)
  const after = feed(detector, 601, 70)
  expect(after.attribution.map(({ lag }) => lag)).toEqual(expect.arrayContaining([0, 1]))
  expect(after.attribution.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
  detector.dispose()
})

test('missing periods are said to be, and change nothing', () => {
  const one = createDetector(setup(), SEED)
  const two = createDetector(setup(), SEED)
  run(one, noise(300))
  run(two, noise(300))
  expect(feed(one, 300, Number.NaN)).toMatchObject({ score: 0, grade: 0, reason: 'missing' })
  expect(feed(one, 301, 103)).toEqual(feed(two, 301, 103))
  one.dispose()
  two.dispose()
})

test('a constant series is normal until it changes', () => {
  const detector = createDetector(setup(), SEED)
  for (let i = 0; i < 500; i++) expect(feed(detector, i, 7).grade).toBe(0)
  expect(feed(detector, 500, 9).grade).toBeGreaterThan(0)
  detector.dispose()
})

test('huge, tiny and offset values are judged alike', () => {
  const graded = [1, 1e9, 1e-9].map((scale) => {
    const detector = createDetector(setup(), SEED)
    const points = run(
      detector,
      noise(400).map((value) => 1e3 * scale + (value - 100) * scale),
    )
    const spike = feed(detector, 400, 1e3 * scale + 30 * scale)
    detector.dispose()
    return [points.filter((point) => point.grade > 0).length, spike.grade > 0]
  })
  expect(graded).toEqual([graded[0], graded[0], graded[0]])
  expect(graded[0]?.[1]).toBe(true)
})

test('a value outside the data range is an anomaly even if the series is wild', () => {
  const rng = new Rng(9)
  const band = { ...DETECTOR_DEFAULTS.band, dataRange: { min: 0, max: 100 } }
  const detector = createDetector(setup({ band }), SEED)
  for (let i = 0; i < 400; i++) feed(detector, i, 100 * rng.uniform())
  expect(feed(detector, 400, 101)).toMatchObject({ reason: 'anomalous_range' })
  expect(feed(detector, 401, 50).inputs[0]?.lower).toBeGreaterThanOrEqual(0)
  detector.dispose()
})

test('direction and tolerances let anomalies pass with a reason', () => {
  const below = createDetector(setup({ direction: 'below' }), SEED)
  run(below, noise(600))
  expect(feed(below, 600, 140)).toMatchObject({ grade: 0, reason: 'suppressed_direction' })
  below.dispose()
  const none = { absolute: 0, relative: 0 }
  const tolerant = createDetector(setup({ ignore: { above: { absolute: 0, relative: 0.5 }, below: none } }), SEED)
  run(tolerant, noise(600))
  expect(feed(tolerant, 600, 140)).toMatchObject({ grade: 0, reason: 'suppressed_small_relative' })
  tolerant.dispose()
})

test('several inputs: a band each, and the attribution names the one that moved', () => {
  const rng = new Rng(4)
  const detector = createDetector(setup({ inputs: ['cpu', 'bytes'] }), SEED)
  for (let i = 0; i < 600; i++) feed(detector, i, 50 + rng.normal(), 1e9 + 1e6 * rng.normal())
  expect(feed(detector, 600, 50, Number.NaN).reason).toBe('normal')
  const point = feed(detector, 601, 50, 1.05e9)
  expect(point.grade).toBeGreaterThan(0)
  expect(point.inputs.map((input) => input.name)).toEqual(['cpu', 'bytes'])
  const [largest] = [...point.attribution].sort((a, b) => b.share - a.share)
  expect(largest).toMatchObject({ input: 'bytes', direction: 'above' })
  expect(point.attribution.reduce((sum, share) => sum + share.share, 0)).toBeCloseTo(1, 9)
  detector.dispose()
})

test('forgetting an incident restores the verdicts; what is still to come of it is neither graded nor learned', () => {
  const calm = noise(900)
  const never = createDetector(setup(), SEED)
  const told = createDetector(setup(), SEED)
  const silent = createDetector(setup(), SEED)
  const incident = Array.from({ length: 40 }, (_, i) => 160 + (i % 3))
  for (const detector of [never, told, silent]) run(detector, calm.slice(0, 500))
  run(told, incident, 500)
  run(silent, incident, 500)
  told.feedback({ label: 'incident', range: { startMs: at(500), endMs: at(545) } })
  expect(feed(told, 541, 160)).toMatchObject({ grade: 0, reason: 'suppressed_feedback' })
  for (const detector of [never, told, silent]) run(detector, calm.slice(545, 800), 545)
  // The same incident again: whoever was told of the first sees it as clearly as who never saw it.
  const again = [never, told, silent].map((detector) => feed(detector, 800, 160))
  expect(again[0]?.grade).toBeGreaterThan(0)
  expect(again[1]?.grade).toBeGreaterThan(0)
  expect(Math.abs((again[1]?.score ?? 0) - (again[0]?.score ?? 0))).toBeLessThan(0.35)
  expect(again[2]?.score ?? 0).toBeLessThan((again[1]?.score ?? 0) - 0.35)
  for (const detector of [never, told, silent]) detector.dispose()
})

test('newNormal: a level is expected at once', () => {
  const detector = createDetector(setup(), SEED)
  run(detector, noise(500))
  run(
    detector,
    noise(30).map((value) => value + 60),
    500,
  )
  detector.feedback({ label: 'newNormal', range: { startMs: at(500), endMs: at(530) } })
  const next = run(
    detector,
    noise(100, 3).map((value) => value + 60),
    530,
  )
  expect(Math.abs((next[0]?.inputs[0]?.expected ?? 0) - 160)).toBeLessThan(5)
  expect(next.filter((point) => point.grade > 0)).toEqual([])
  detector.dispose()
})

test('notAnomaly: as much again raises no grade', () => {
  const values = noise(700)
  const told = createDetector(setup(), SEED)
  const silent = createDetector(setup(), SEED)
  const graded: boolean[] = []
  for (const detector of [told, silent]) {
    run(detector, values.slice(0, 500))
    expect(feed(detector, 500, 125).grade).toBeGreaterThan(0)
    if (detector === told) detector.feedback({ label: 'notAnomaly', range: { startMs: at(500), endMs: at(501) } })
    run(detector, values.slice(501, 600), 501)
    graded.push(feed(detector, 600, 140).grade > 0)
    detector.dispose()
  }
  expect(graded).toEqual([false, true])
})

test('a snapshot of other inputs or another period is refused', () => {
  const detector = createDetector(setup(), SEED)
  run(detector, noise(50))
  const bytes = detector.snapshot()
  expect(() => restoreDetector(setup({ periodMs: 60_000 }), bytes)).toThrow(/was made for/)
  expect(() => restoreDetector(setup({ inputs: ['a', 'b'] }), bytes)).toThrow(/was made for/)
  expect(() => restoreDetector(setup(), bytes.subarray(0, bytes.length - 9))).toThrow(/checksum|short/)
  detector.dispose()
})
