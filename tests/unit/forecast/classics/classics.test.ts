import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { DEFAULT_LEVELS, measureAccuracy } from '../../../../src/forecast/accuracy.ts'
import { CLASSICS, Classics } from '../../../../src/forecast/classics/classics.ts'
import { parseFrequency } from '../../../../src/forecast/frequency.ts'

const HORIZON = 48
const classics = new Classics(parseFrequency('h'), HORIZON, DEFAULT_LEVELS)

/** Two days of hourly values are forecast from the weeks before; macro wQL of each classic on the same ten series. */
function lossesOn(make: (rng: Rng) => (t: number) => number): Readonly<Record<string, number>> {
  const series = Array.from({ length: 10 }, (_, i) => {
    const valueAt = make(new Rng(i + 1))
    return Float64Array.from({ length: 900 }, (_, t) => valueAt(t))
  })
  const losses = CLASSICS.map((name) => {
    const windows = series.map((all, i) => {
      const history = all.slice(0, -HORIZON)
      return { itemId: `i${i}`, history, truth: all.slice(-HORIZON), forecast: classics.forecast(name, history) }
    })
    return [name, measureAccuracy(windows, 24).macroWql] as const
  })
  return Object.fromEntries(losses)
}

describe('each classic is hard to beat where the series is as it supposes', () => {
  /** Not worse than the best by more than a tenth, and better than seasonal naive by a fifth. */
  const expectGood = (losses: Readonly<Record<string, number>>, name: string) => {
    expect(losses[name]).toBeLessThan(1.1 * Math.min(...Object.values(losses)))
    expect(losses[name]).toBeLessThan(0.8 * losses['seasonal-naive']!)
  }

  it('recent values: idle for days, busy for days', () => {
    const losses = lossesOn((rng) => {
      let busy = false
      return () => {
        if (rng.uniform() < 0.003) busy = !busy
        return busy ? 100 * Math.exp(rng.normal()) : 1
      }
    })
    expectGood(losses, 'recent-values')
  })

  it('same hour: work at a fixed time of day', () => {
    const losses = lossesOn((rng) => (t) => (t % 24 < 8 ? 500 : 5) * Math.exp(0.5 * rng.normal()))
    expectGood(losses, 'same-hour')
  })

  it('same hour of the week: a job on one day', () => {
    const losses = lossesOn((rng) => (t) => (t % 168 < 30 ? 500 : 5) * Math.exp(0.5 * rng.normal()))
    expectGood(losses, 'same-weekday-hour')
  })

  it('double seasonal: day and week on a level that drifts', () => {
    const losses = lossesOn((rng) => {
      let level = 0
      return (t) => {
        level += 0.5 * rng.normal()
        const angle = (2 * Math.PI * t) / 168
        return level + 20 * Math.sin(7 * angle) + 10 * Math.sin(angle) + rng.normal()
      }
    })
    expectGood(losses, 'double-seasonal')
  })

  it('multiplicative seasonal: a day that swings with a level that grows', () => {
    const losses = lossesOn((rng) => (t) => {
      const day = 1 + 0.6 * Math.sin((2 * Math.PI * t) / 24)
      return Math.exp(0.004 * t) * day * Math.exp(0.05 * rng.normal())
    })
    expectGood(losses, 'multiplicative-seasonal')
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
