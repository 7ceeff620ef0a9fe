import type { PlainError } from '../../core/errors.ts'

import type { FitOptions, FitProgress, Fitted } from '../../forecast/deepar/fit.ts'
import type { ForecastOptions, SeriesForecast } from '../../forecast/deepar/forecast.ts'
import type { SeriesInput } from '../../forecast/deepar/prepared-series.ts'

/** What the worker is asked for. Models travel as model files: bytes that are checked on arrival. */
export type Request =
  /** Whether the library loads. */
  | { readonly kind: 'probe' }
  | {
      readonly kind: 'fit'
      readonly series: readonly SeriesInput[]
      readonly options: Omit<FitOptions, 'warmStart'>
      readonly warmStart?: Uint8Array
    }
  | {
      readonly kind: 'forecast'
      readonly model: Uint8Array
      readonly series: readonly SeriesInput[]
      readonly options: ForecastOptions
    }

export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly progress: FitProgress }
  | { readonly kind: 'fitted'; readonly model: Uint8Array; readonly rest: Omit<Fitted, 'model'> }
  | { readonly kind: 'forecasts'; readonly forecasts: readonly SeriesForecast[] }
  | { readonly kind: 'failed'; readonly error: PlainError }
