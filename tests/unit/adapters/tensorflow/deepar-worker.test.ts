import { afterAll, describe, expect, it } from 'vitest'
import { startForecasting } from '../../../../src/app/forecasting/engine.ts'
import { parseFrequency } from '../../../../src/forecast/frequency.ts'
import { dailySeries, series } from '../../../support/metric-series.ts'

const worker = startForecasting()
afterAll(() => worker.close())

const options = {
  frequency: parseFrequency('h'),
  horizon: 6,
  steps: 20,
  batchSize: 4,
  cells: 8,
  context: 12,
  samples: 20,
}

describe('DeepArWorker', () => {
  it('trains with progress and forecasts, in a thread of its own', async () => {
    const data = dailySeries(2, 100)
    const steps: number[] = []
    const { model } = await worker.fit(data, options, ({ step }) => steps.push(step))
    expect(steps).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    const found = await worker.forecast(model, data, { horizon: 6, samples: 20, seed: 1, levels: [0.1, 0.9] })
    expect(found).toHaveLength(2)
    expect(found[0]!.forecast.quantiles[0]).toHaveLength(6)
    const again = await worker.forecast(model, data, { horizon: 6, samples: 20, seed: 1, levels: [0.1, 0.9] })
    expect(again).toEqual(found)
  })

  it('hands an error over as it was, and goes on', async () => {
    await expect(worker.fit([series('short', [1])], options)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      where: 'training data',
    })
    await expect(worker.fit(dailySeries(1, 80), options)).resolves.toBeDefined()
  })
})
