import { expect, it } from 'vitest'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'
import { PeriodHistory } from '../../../src/pipeline/period-history.ts'
import { WINDOW_DEFAULTS } from '../../../src/window/options.ts'
import { jsonSample, MINUTE_MS, pipelineOptions } from '../../support/pipeline-options.ts'

const T0 = 1_700_000_040_000

const options = pipelineOptions({
  window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 0 },
  detector: {
    ...DETECTOR_DEFAULTS,
    forecast: { ...DETECTOR_DEFAULTS.forecast, model: 'auto', categories: ['role'] },
  },
})

const record = (offset: number, minute: number, value: number, role = 'web') => {
  const timestampMs = T0 + minute * MINUTE_MS
  return { offset: BigInt(offset), timestampMs, value: jsonSample('m', { role }, timestampMs, value) }
}

it('makes the periods that the stream would: by statistic, gaps missing, what is open left out', () => {
  const history = new PeriodHistory(options)
  history.add([record(0, 0, 1), record(1, 0.5, 3), record(2, 1, 5, 'db')])
  history.add([record(3, 3, 7), record(4, 4, 9), { offset: 5n, timestampMs: T0, value: Uint8Array.of(1, 2) }])
  const found = history.series()
  expect(found.map(({ itemId, startMs, categories }) => [itemId, startMs, categories])).toEqual([
    ['m{role="web"}', T0, ['web']],
    ['m{role="db"}', T0 + MINUTE_MS, ['db']],
  ])
  expect([...found[0]!.target]).toEqual([2, Number.NaN, Number.NaN, 7])
  expect(found[1]!.target[0]).toBe(5)
  history.dispose()
})

it('keeps the newest periods, from where they begin', () => {
  const history = new PeriodHistory(options)
  const minutes = 45_000
  history.add(Array.from({ length: minutes }, (_, i) => record(i, i, i)))
  const [one] = history.series()
  expect(one!.target.length).toBeLessThanOrEqual(40_000)
  expect(one!.target.length).toBeGreaterThanOrEqual(20_000)
  expect(one!.startMs + (one!.target.length - 1) * MINUTE_MS).toBe(T0 + (minutes - 2) * MINUTE_MS)
  expect(one!.target.at(-1)).toBe(minutes - 2)
  history.dispose()
})
