import type { DeepArModel } from '../../src/forecast/deepar/model.ts'
import { encodeModel } from '../../src/forecast/deepar/model-file.ts'
import { parseFrequency } from '../../src/forecast/frequency.ts'
import type { ModelRelease } from '../../src/pipeline/detector/band-model.ts'
import { smallConfig, untrainedModel } from './deepar-models.ts'

/** A small model for minutely series: untrained, but as good as any for what does not depend on how good it is. */
export function minutelyModel(seed = 1, macroWql = 0.1): DeepArModel {
  const config = {
    ...smallConfig({ cells: 4, context: 6, lags: [1, 2, 3] }),
    frequency: parseFrequency('1min').text,
    copied: 0,
    lags: [1, 2, 3],
    scaleWindow: 8,
    features: [],
  }
  const model = untrainedModel(config, seed)
  return { ...model, record: { ...model.record, macroWql, macroWqlSeasonalNaive: 0.2 } }
}

export function released(version: number, model: DeepArModel): ModelRelease {
  return { version, bytes: encodeModel(model) }
}
