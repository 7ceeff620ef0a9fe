import { startForecasting } from '../../src/app/forecasting/engine.ts'
import type { DeepArModel } from '../../src/forecast/deepar/model.ts'
import { parseFrequency } from '../../src/forecast/frequency.ts'
import { dailySeries } from './metric-series.ts'

/** A small hourly model, trained here and now by the real trainer in its thread. */
export async function trainedHourlyModel(seed = 1): Promise<DeepArModel> {
  const worker = startForecasting()
  try {
    const options = {
      frequency: parseFrequency('h'),
      horizon: 12,
      context: 24,
      cells: 8,
      steps: 120,
      samples: 20,
      seed,
    }
    const { model } = await worker.fit(dailySeries(8, 600), options)
    return model
  } finally {
    await worker.close()
  }
}
