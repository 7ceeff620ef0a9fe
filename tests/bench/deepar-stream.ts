import { parseArgs } from 'node:util'
import { Rng } from '../../src/core/rng.ts'
import { defaultConfig } from '../../src/forecast/deepar/defaults.ts'
import { parseFrequency } from '../../src/forecast/frequency.ts'
import { ModelSlot, prepareModel } from '../../src/pipeline/detector/band-model.ts'
import { ForecastInput } from '../../src/pipeline/detector/forecast-input.ts'
import { DETECTOR_DEFAULTS } from '../../src/pipeline/detector/options.ts'
import { released } from '../support/band-models.ts'
import { untrainedModel } from '../support/deepar-models.ts'
import { dailySeries } from '../support/metric-series.ts'

/**
 * One-step bands in the stream on one core, with everything that a band takes: the model's step, its distribution, the
 * width's calibration, the duel with a baseline. What a weight's value is makes no difference to the time.
 *
 *   --series N    series side by side (2000)      --periods P   periods measured (120, after 250 to fill the state)
 *   --freq F      frequency of the model (h)      --context C   context of the model (its default)
 */
export async function bench(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: 'string', default: '2000' },
      periods: { type: 'string', default: '120' },
      freq: { type: 'string', default: 'h' },
      context: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  const frequency = parseFrequency(values.freq)
  const overrides = values.context === undefined ? {} : { context: Number(values.context) }
  const config = defaultConfig(frequency, 48, dailySeries(2, 700), [], overrides)
  const slot = new ModelSlot()
  const periodMs = { h: 3_600_000, min: 60_000 }[values.freq] ?? 3_600_000
  const prepared = prepareModel(released(1, untrainedModel(config)), { periodMs, categories: 0 })
  if (!prepared.ok) throw new Error(prepared.error.detail)
  slot.current = prepared.value
  const model = prepared.value
  const rng = new Rng(1)
  const inputs = Array.from(
    { length: Number(values.series) },
    () => new ForecastInput(model, DETECTOR_DEFAULTS.band, []),
  )
  const baseline = { name: 'm', value: 100, observed: true, expected: 100, lower: 90, upper: 110 }
  const period = (t: number) => {
    for (const input of inputs) {
      const value = 100 + 10 * Math.sin(t / 4) + rng.uniform()
      input.learn(t * periodMs, value, input.predict(t * periodMs), { ...baseline, value }, false)
    }
  }
  const filling = 250
  for (let t = 1; t <= filling; t++) period(t)
  model.flush()
  const started = process.cpuUsage()
  for (let t = 1; t <= Number(values.periods); t++) period(filling + t)
  model.flush()
  // Time of the processor, not of the wall: what else the machine does is left out.
  const { user, system } = process.cpuUsage(started)
  const seconds = (user + system) / 1e6
  const points = inputs.length * Number(values.periods)
  const figures = {
    series: inputs.length,
    points,
    context: config.context,
    lags: config.lags.length,
    pointsPerSecond: Math.round(points / seconds),
    bytesPerSeries: inputs[0]?.byteSize ?? 0,
  }
  process.stdout.write(
    `${figures.pointsPerSecond} bands/s on one core, ${figures.bytesPerSeries} bytes of state a series ` +
      `(${figures.series} series, context ${figures.context}, ${figures.lags} lags)\n`,
  )
  return figures
}
