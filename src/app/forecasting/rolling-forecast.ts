import type { DeepArWorker } from '../../adapters/tensorflow/deepar-worker.ts'
import type { QuantileForecast } from '../../forecast/accuracy.ts'
import { indexCategories } from '../../forecast/categories.ts'
import type { ForecastOptions } from '../../forecast/deepar/forecast.ts'
import type { DeepArModel } from '../../forecast/deepar/model.ts'
import { historyOf, type RollingWindow } from '../../forecast/rolling-windows.ts'

/** Windows sent to the thread at once: histories are copied, so not all of them together. */
const PER_REQUEST = 200

/**
 * Forecasts each window from the history before it, in the order given. `file` names the data in errors; `onForecast`
 * hears how many more are done.
 */
export async function forecastWindows(
  engine: DeepArWorker,
  model: DeepArModel,
  windows: readonly RollingWindow[],
  options: ForecastOptions,
  file: string,
  onForecast: (windows: number) => void = () => {},
): Promise<readonly QuantileForecast[]> {
  const forecasts: QuantileForecast[] = []
  for (let from = 0; from < windows.length; from += PER_REQUEST) {
    const histories = windows.slice(from, from + PER_REQUEST).map(historyOf)
    const series = indexCategories(histories, model.categories, file)
    const found = await engine.forecast(model, series, options)
    forecasts.push(...found.map(({ forecast }) => forecast))
    onForecast(found.length)
  }
  return forecasts
}
