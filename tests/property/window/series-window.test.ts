import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { MISSING_POLICIES, resolveWindowOptions } from '../../../src/window/options.ts'
import { type ClosedPeriod, SeriesWindow } from '../../../src/window/series-window.ts'
import type { Statistic } from '../../../src/window/statistic.ts'
import { Watermark } from '../../../src/window/watermark.ts'

const PERIOD = 1_000

/** One thing that happens in the partition: a sample of the series, its stale marker, or a sample of another series. */
const event = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant('sample') },
    { weight: 1, arbitrary: fc.constant('stale') },
    {
      weight: 2,
      arbitrary: fc.constant('other'),
    },
  ),
  /** Event time moves on by about this much, and each event lies some way behind. */
  stepMs: fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 0, max: 900 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
  ),
  behindMs: fc.integer({ min: 0, max: 4_000 }),
  value: fc.integer({ min: 0, max: 100 }),
})

const setting = fc.record({
  statistic: fc.constantFrom<Statistic>('Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount', 'p90'),
  missing: fc.constantFrom(...MISSING_POLICIES),
  kind: fc.constantFrom('gauge' as const, 'cumulative' as const, 'delta' as const),
  latenessMs: fc.integer({ min: 0, max: 3_000 }),
})

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never

interface Life {
  readonly periods: readonly ClosedPeriod[]
  readonly outcomes: readonly string[]
}

function* closedBy(window: SeriesWindow, watermarkMs: number): Generator<ClosedPeriod> {
  for (let next = window.closeNext(watermarkMs); next; next = window.closeNext(watermarkMs)) yield next
}

/** `cut(i)` says what happens after event i: whether periods are closed, and whether the state goes through bytes. */
function live(
  events: readonly Event[],
  given: Setting,
  cut: (i: number) => { close: boolean; snapshot: boolean },
): Life {
  const { kind, ...rest } = given
  const options = resolveWindowOptions({ periodMs: PERIOD, expireAfterMs: 12_500, ...rest })
  let watermark = new Watermark(options)
  let window = new SeriesWindow(options)
  const periods: ClosedPeriod[] = []
  const outcomes: string[] = []
  const close = () => periods.push(...closedBy(window, watermark.ms))
  let now = 1_000_000
  events.forEach(({ what, stepMs, behindMs, value }, i) => {
    now += stepMs
    const at = what === 'other' ? now : now - behindMs
    watermark.observe(at)
    const take = () =>
      what === 'stale' ? window.endSeries(at, watermark.ms) : window.offer(at, value, kind, watermark.ms)
    let outcome = what === 'other' ? 'other' : take()
    if (outcome === 'expired') {
      close()
      window = new SeriesWindow(options)
      outcome = take()
    }
    outcomes.push(outcome)
    const { close: closing, snapshot } = cut(i)
    if (closing) close()
    if (snapshot) {
      const writer = new BinaryWriter('TEST', 1)
      watermark.save(writer)
      window.save(writer)
      const reader = new BinaryReader(writer.finish(), 'TEST', 1)
      watermark = new Watermark(options)
      watermark.load(reader)
      window = SeriesWindow.load(reader, options)
      expect(reader.atEnd()).toBe(true)
    }
  })
  periods.push(...closedBy(window, now + 10_000_000))
  return { periods, outcomes }
}

describe('SeriesWindow', () => {
  const anyEvents = fc.array(event, { maxLength: 120 })

  it('gives the same periods wherever closings and snapshots fall between the samples', () => {
    fc.assert(
      fc.property(anyEvents, setting, fc.infiniteStream(fc.boolean()), (events, given, coins) => {
        const atEnd = live(events, given, () => ({ close: false, snapshot: false }))
        const always = live(events, given, () => ({ close: true, snapshot: true }))
        const flip = () => coins.next().value === true
        const sometimes = live(events, given, () => ({ close: flip(), snapshot: flip() }))
        expect(always).toEqual(atEnd)
        expect(sometimes).toEqual(atEnd)
      }),
      { numRuns: 400 },
    )
  })

  it('emits ascending periods on the grid, none twice, and counts every accepted sample once', () => {
    fc.assert(
      fc.property(anyEvents, setting, (events, given) => {
        const { periods, outcomes } = live(events, given, () => ({ close: true, snapshot: false }))
        periods.forEach((period, i) => {
          expect(period.startMs % PERIOD).toBe(0)
          if (i > 0) expect(period.startMs).toBeGreaterThan(periods[i - 1]!.startMs)
          if (period.observed) expect(period.value).not.toBeNaN()
        })
        const accepted = outcomes.filter((outcome) => outcome === 'accepted').length
        expect(periods.reduce((sum, { sampleCount }) => sum + sampleCount, 0)).toBe(accepted)
      }),
      { numRuns: 200 },
    )
  })

  it('gives the same statistic whatever the order of the samples within the lateness', () => {
    const options = resolveWindowOptions({ periodMs: PERIOD, latenessMs: 0, statistic: 'Average' })
    const samples = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.double({ min: -1e9, max: 1e9, noNaN: true })),
      {
        selector: ([at]) => at,
        minLength: 1,
        maxLength: 60,
      },
    )
    const shuffled = samples.chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
    )
    const periodsOf = (some: readonly (readonly [number, number])[]) => {
      const window = new SeriesWindow(options)
      for (const [at, value] of some) window.offer(at, value, 'gauge', Number.NEGATIVE_INFINITY)
      return [...closedBy(window, 6_000)]
    }
    fc.assert(
      fc.property(shuffled, ([some, other]) => {
        expect(periodsOf(other)).toEqual(periodsOf(some))
      }),
    )
  })
})
