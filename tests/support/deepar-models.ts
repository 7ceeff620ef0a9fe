import { Rng } from '../../src/core/rng.ts'
import { NETWORK_ALONE } from '../../src/forecast/blend.ts'
import { NOT_CALIBRATED } from '../../src/forecast/conformal.ts'
import type { DeepArConfig } from '../../src/forecast/deepar/config.ts'
import { type ConfigOverrides, defaultConfig } from '../../src/forecast/deepar/defaults.ts'
import type { DeepArModel } from '../../src/forecast/deepar/model.ts'
import { initialParameters } from '../../src/forecast/deepar/parameters.ts'
import { parseFrequency } from '../../src/forecast/frequency.ts'
import { dailySeries } from './metric-series.ts'

/** A small hourly configuration. */
export function smallConfig(overrides: ConfigOverrides = {}, cardinalities: readonly number[] = []): DeepArConfig {
  const config = defaultConfig(parseFrequency('h'), 12, dailySeries(2, 200), cardinalities, {
    cells: 8,
    context: 24,
    ...overrides,
  })
  return { ...config, scaleWindow: 72 }
}

/** An untrained model: random weights, the same for the same seed. */
export function untrainedModel(config: DeepArConfig, seed = 1): DeepArModel {
  const categories = config.cardinalities.map((count) => Array.from({ length: count }, (_, i) => `c${i}`))
  return {
    config,
    weights: initialParameters(config, new Rng(seed)),
    calibration: NOT_CALIBRATED,
    blend: NETWORK_ALONE,
    categories,
    record: {
      macroWql: Number.NaN,
      macroWqlSeasonalNaive: Number.NaN,
      coverage: [],
      heldBackWindows: 0,
      series: 0,
      steps: 0,
      seed,
    },
  }
}
