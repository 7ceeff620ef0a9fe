import { describe, expect, it } from 'vitest'
import { TidegaugeError } from '../../../src/core/errors.ts'
import { makeSeries } from '../../../src/core/series.ts'
import type { SeriesForecast } from '../../../src/forecast/deepar/forecast.ts'
import { prepareModel } from '../../../src/pipeline/detector/band-model.ts'
import { dueForecastsOf } from '../../../src/runtime/due-forecasts.ts'
import { type ForecastEngine, ForecastService } from '../../../src/runtime/forecast-service.ts'
import type { OutputRecord } from '../../../src/runtime/ports.ts'
import { minutelyModel, released } from '../../support/band-models.ts'
import { MINUTE_MS } from '../../support/pipeline-options.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { RecordingTelemetry } from '../../support/recording-telemetry.ts'

const prepared = prepareModel(released(3, minutelyModel()), { periodMs: MINUTE_MS, categories: 0 })
const model = prepared.ok ? prepared.value : undefined

/** What is due of a task of so many series, each with ten values. */
function dueOf(count: number, limit = 1_000, partition = 0, of = model) {
  function* histories() {
    for (let i = 0; i < count; i++) {
      const series = makeSeries('m', { i: String(i) })
      yield { series, input: 'm', startMs: 0, values: new Float64Array(10).fill(i), categories: [] }
    }
  }
  return dueForecastsOf({ topic: 't', partition }, { model: of, histories }, limit)
}

/** Forecasts that the newest value stays. */
const stays: ForecastEngine = {
  forecast: async (_, series, { horizon, levels }) =>
    series.map(({ target }): SeriesForecast => {
      const same = new Float64Array(horizon).fill(target.at(-1) ?? 0)
      return { forecast: { levels, quantiles: levels.map(() => same), mean: same }, paths: same }
    }),
}

function service(engine: ForecastEngine) {
  const records: OutputRecord[] = []
  const shown: string[] = []
  const telemetry = new RecordingTelemetry()
  const logger = new RecordingLogger()
  const made = new ForecastService(
    { pipeline: 'p', topic: 'f', periodMs: MINUTE_MS, horizon: 3, quantiles: [0.1, 0.9], samples: 10 },
    {
      engine: () => engine,
      publish: async (more) => {
        records.push(...more)
      },
      show: ({ key }) => shown.push(key),
      telemetry,
      logger,
    },
  )
  const outcomes = () => telemetry.of('forecasts_made').map(({ outcome, count }) => `${outcome} ${count}`)
  return { made, records, shown, telemetry, logger, outcomes }
}

describe('ForecastService', () => {
  it('writes one record a series, the first period right behind its values, and shows it', async () => {
    const { made, records, shown, outcomes } = service(stays)
    made.due(dueOf(450))
    await made.settled()
    expect(records).toHaveLength(450)
    expect(shown).toHaveLength(450)
    expect(outcomes()).toEqual(['written 200', 'written 200', 'written 50'])
    expect(records[1]).toMatchObject({ topic: 'f', key: 'm{i="1"}', timestampMs: 10 * MINUTE_MS })
    expect(JSON.parse(String(records[1]?.value))).toEqual({
      schemaVersion: 1,
      pipeline: 'p',
      series: 'm{i="1"}',
      name: 'm',
      labels: { i: '1' },
      timestamp: 10 * MINUTE_MS,
      input: 'm',
      modelVersion: 3,
      periodMs: MINUTE_MS,
      mean: [1, 1, 1],
      quantiles: { '0.1': [1, 1, 1], '0.9': [1, 1, 1] },
    })
  })

  it('asks for nothing without a model, and counts what is over its limits', async () => {
    const { made, records, outcomes } = service(stays)
    made.due({ ...dueOf(5, 2), model: undefined })
    made.due(dueOf(5, 2))
    made.due(dueOf(5, 2))
    await made.settled()
    expect(records).toHaveLength(2)
    expect(outcomes()).toEqual(['left_out 3', 'skipped 1', 'written 2'])
  })

  it('makes those of one partition after those of another, though all become due at once', async () => {
    const { made, records, outcomes } = service(stays)
    for (let partition = 0; partition < 3; partition++) made.due(dueOf(2, 10, partition))
    await made.settled()
    expect(records).toHaveLength(6)
    expect(outcomes()).toEqual(['written 2', 'written 2', 'written 2'])
  })

  it('counts a failure, and tries again at the next round', async () => {
    let calls = 0
    const broken = service({
      forecast: async () => {
        calls++
        throw new TidegaugeError('INTERNAL', 'no')
      },
    })
    for (let i = 0; i < 2; i++) {
      broken.made.due(dueOf(1))
      await broken.made.settled()
    }
    expect(calls).toBe(2)
    expect(broken.outcomes()).toEqual(['failed 1', 'failed 1'])
    expect(broken.telemetry.of('error_raised')).toHaveLength(2)
  })
})
