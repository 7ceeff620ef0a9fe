import { seriesIdOf } from './series-board.ts'
import type { ForecastView, SeriesForecastView } from './views.ts'

/** The newest forecasts of the series that were forecast last, at most `limit` series. */
export class ForecastBoard implements ForecastView {
  readonly #limit: number
  readonly #forecasts = new Map<string, SeriesForecastView[]>()

  constructor(limit: number) {
    this.#limit = limit
  }

  show(pipeline: string, seriesKey: string, forecast: SeriesForecastView): void {
    const id = seriesIdOf(pipeline, seriesKey)
    const others = this.#forecasts.get(id)?.filter(({ input }) => input !== forecast.input) ?? []
    // Put in anew, so that the first of the map is the one that was forecast longest ago.
    this.#forecasts.delete(id)
    this.#forecasts.set(id, [...others, forecast])
    const [oldest] = this.#forecasts.keys()
    if (this.#forecasts.size > this.#limit && oldest !== undefined) this.#forecasts.delete(oldest)
  }

  forecasts(seriesId: string): readonly SeriesForecastView[] {
    return this.#forecasts.get(seriesId) ?? []
  }
}
