import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { DEFAULT_LEVELS, measureAccuracy } from '../../../../src/forecast/accuracy.ts'
import { CLASSICS, Classics } from '../../../../src/forecast/classics/classics.ts'
import { parseFrequency } from '../../../../src/forecast/frequency.ts'

const HORIZON = 48
const classics = new Classics(parseFrequency('h'), HORIZON, DEFAULT_LEVELS)

/** The last day and a half of hourly values is forecast from the rest; macro wQL of each classic. */
function lossesOn(valueAt: (t: number, rng: Rng) => number): Readonly<Record<string, number>> {
  const losses = CLASSICS.map((name) => {
    const windows = Array.from({ length: 10 }, (_, i) => {
      const rng = new Rng(i + 1)
      const all = Float64Array.from({ length: 900 }, (_, t) => valueAt(t, rng))
      const history = all.slice(0, -HORIZON)
      return { itemId: `i${i}`, history, truth: all.slice(-HORIZON), forecast: classics.forecast(name, history) }
    })
    return [name, measureAccuracy(windows, 24).macroWql] as const
  })
  return Object.fromEntries(losses)
}

describe('each classic is hard to beat where the series is as it supposes', () => {
  /** Not worse than the best by more than a twentieth, and better than seasonal naive by a fifth. */
  const expectGood = (losses: Readonly<Record<string, number>>, name: string) => {
    expect(losses[name]).toBeLessThan(1.05 * Math.min(...Object.values(losses)))
    expect(losses[name]).toBeLessThan(0.8 * losses['seasonal-naive']!)
  }

  it('recent values: idle for days, busy for days', () => {
    let busy = false
    const losses = lossesOn((_, rng) => {
      if (rng.uniform() < 0.003) busy = !busy
      return busy ? 100 * Math.exp(rng.normal()) : 1
    })
    expectGood(losses, 'recent-values')
  })

  it('same hour: work at a fixed time of day', () => {
    const losses = lossesOn((t, rng) => (t % 24 < 8 ? 500 : 5) * Math.exp(0.5 * rng.normal()))
    expectGood(losses, 'same-hour')
  })

  it('same hour of the week: a job on one day', () => {
    const losses = lossesOn((t, rng) => (t % 168 < 30 ? 500 : 5) * Math.exp(0.5 * rng.normal()))
    expectGood(losses, 'same-weekday-hour')
  })

  it('double seasonal: day and week on a level that drifts', () => {
    let level = 0
    const losses = lossesOn((t, rng) => {
      level += 0.5 * rng.normal()
      const day = 20 * Math.sin((2 * Math.PI * t) / 24)
      return 200 + level + day + 10 * Math.sin((2 * Math.PI * t) / 168) + rng.normal()
    })
    expectGood(losses, 'double-seasonal')
  })
})

const HISTORIES: Readonly<Record<string, readonly number[]>> = {
  'no value': [],
  'nothing but gaps': Array(60).fill(Number.NaN),
  'one value': [3],
  'less than a season': [1, 2, 3],
  'a gap at the end': [...Array.from({ length: 200 }, (_, t) => t % 24), ...Array(30).fill(Number.NaN)],
  zeros: Array(400).fill(0),
  'a spike of 1e9 at the end': [...Array.from({ length: 400 }, (_, t) => t % 24), 1e9],
}
for (const [what, history] of Object.entries(HISTORIES)) {
  it(`gives finite quantiles in order for ${what}`, () => {
    for (const frequency of ['h', '5min', 's', 'D', 'W', 'M']) {
      const own = new Classics(parseFrequency(frequency), 30, DEFAULT_LEVELS)
      for (const name of CLASSICS) {
        const { quantiles, mean } = own.forecast(name, Float64Array.from(history))
        for (let h = 0; h < 30; h++) {
          const column = quantiles.map((values) => values[h]!)
          expect([...column, mean[h]!].every((value) => Number.isFinite(value))).toBe(true)
          expect(column).toEqual([...column].sort((a, b) => a - b))
        }
      }
    }
  })
}

it('a spike does not become the level of what is smoothed', () => {
  const history = Float64Array.from({ length: 400 }, (_, t) => (t === 399 ? 1e9 : t % 24))
  const { quantiles } = classics.forecast('double-seasonal', history)
  expect(Math.max(...quantiles[4]!)).toBeLessThan(200)
})
