// DeepAR's speed and memory at the shapes that GluonTS' hourly defaults have: batch 32, context 48, horizon 48, 48
// inputs, two layers of 40 cells. Wall and CPU time; on a busy machine only CPU time means anything.
//   npm run -s bench -- deepar [--steps N] [--forecasts N] [--memory] [--json]
// With --memory 10,000 steps and 1,000 forecasts: what they leave behind, in tensors and in bytes.
import { parseArgs } from 'node:util'
import { loadTensorflow } from '../../src/adapters/tensorflow/backend.ts'
import { Rng } from '../../src/core/rng.ts'
import { NETWORK_ALONE } from '../../src/forecast/blend.ts'
import { NOT_CALIBRATED } from '../../src/forecast/conformal.ts'
import { type DeepArConfig, layoutOf } from '../../src/forecast/deepar/config.ts'
import { defaultConfig } from '../../src/forecast/deepar/defaults.ts'
import { Forecaster } from '../../src/forecast/deepar/forecast.ts'
import type { DeepArModel } from '../../src/forecast/deepar/model.ts'
import { initialParameters } from '../../src/forecast/deepar/parameters.ts'
import { prepareSeries, type SeriesInput } from '../../src/forecast/deepar/prepared-series.ts'
import { StreamPredictor } from '../../src/forecast/deepar/stream-predictor.ts'
import type { Tf } from '../../src/forecast/deepar/tf.ts'
import { Trainer } from '../../src/forecast/deepar/trainer.ts'
import { parseFrequency } from '../../src/forecast/frequency.ts'
import { calendarLags } from '../../src/forecast/lags.ts'

const SERIES = 414
const SAMPLES = 100
const HORIZON = 48
const STREAMED = 2000
const ROUNDS = 96
const HOUR = 3_600_000
const hourly = parseFrequency('h')

function madeSeries(): SeriesInput[] {
  const rng = new Rng(1)
  return Array.from({ length: SERIES }, (_, i) => ({
    itemId: `s${i}`,
    startMs: Date.UTC(2024, 0, 1),
    target: Float64Array.from({ length: 900 }, (_, t) => 100 + 20 * Math.sin((2 * Math.PI * t) / 24) + rng.normal()),
    categories: [],
    dynamic: [new Float64Array(900 + HORIZON)],
  }))
}

function sameShapes(series: readonly SeriesInput[]): DeepArConfig {
  const lags = [1, 24, 168, ...calendarLags(hourly).filter((lag) => ![1, 24, 168].includes(lag))]
  const config = { ...defaultConfig(hourly, HORIZON, series, [], {}), lags, copied: 3 }
  if (layoutOf(config).size !== 48) throw new Error(`${layoutOf(config).size} inputs, not 48`)
  return config
}

function modelOf(config: DeepArConfig): DeepArModel {
  return {
    config,
    weights: initialParameters(config, new Rng(2)),
    calibration: NOT_CALIBRATED,
    blend: NETWORK_ALONE,
    categories: [],
    record: { macroWql: 0, macroWqlSeasonalNaive: 0, coverage: [], heldBackWindows: 0, series: 0, steps: 0, seed: 1 },
  }
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

interface Timed {
  readonly wallMs: number
  readonly cpuMs: number
}

function timed(work: () => void): Timed {
  const wall = performance.now()
  const cpu = cpuMs()
  work()
  return { wallMs: performance.now() - wall, cpuMs: cpuMs() - cpu }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function say(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(44)} ${value}\n`)
}

function benchTraining(tf: Tf, config: DeepArConfig, series: readonly SeriesInput[], steps: number) {
  const prepared = series.map((one) => prepareSeries(one, config, 24))
  const options = { steps: steps + 1, batchSize: 32, learningRate: 1e-3, warmUp: 50, averaging: 0.995, seed: 1 }
  const trainer = new Trainer(tf, config, hourly, prepared, options)
  trainer.step()
  const tensorsFirst = tf.memory().numTensors
  const times: Timed[] = []
  while (!trainer.done) times.push(timed(() => trainer.step()))
  const tensorsLast = tf.memory().numTensors
  trainer.dispose()
  const stepMs = median(times.map((one) => one.wallMs))
  const stepCpuMs = times.reduce((sum, one) => sum + one.cpuMs, 0) / times.length
  say('training step', `median ${stepMs.toFixed(1)} ms by wall, mean ${stepCpuMs.toFixed(1)} ms CPU`)
  say('tensors after the first step and the last', `${tensorsFirst} and ${tensorsLast} (${steps} steps)`)
  return { stepMs, stepCpuMs, tensorsFirst, tensorsLast, steps }
}

const asTasks = (series: readonly SeriesInput[], config: DeepArConfig) =>
  series.map((one) => {
    const prepared = prepareSeries(one, config, 24)
    return { series: prepared, split: prepared.length }
  })

function benchForecasts(model: DeepArModel, series: readonly SeriesInput[]) {
  const tasks = asTasks(series, model.config)
  const forecaster = new Forecaster(model)
  const options = { samples: SAMPLES, horizon: HORIZON, seed: 1 }
  forecaster.paths(tasks.slice(0, 8), options)
  const all = timed(() => forecaster.paths(tasks, options))
  const [wallS, cpuS] = [all.wallMs / 1000, all.cpuMs / 1000]
  const what = `${SERIES} series x ${SAMPLES} paths x ${HORIZON} steps`
  say(what, `${wallS.toFixed(2)} s by wall, ${cpuS.toFixed(2)} s CPU`)
  return { wallS, cpuS }
}

const memoryOf = (tf: Tf) => {
  globalThis.gc?.()
  const { rss, arrayBuffers } = process.memoryUsage()
  return { tensors: tf.memory().numTensors, rssMb: Math.round(rss / 1e6), buffersMb: Math.round(arrayBuffers / 1e6) }
}

/** Forecasts as a service makes them, each by a forecaster of its own, after the first and after the last. */
function benchForecastMemory(tf: Tf, model: DeepArModel, series: readonly SeriesInput[], forecasts: number) {
  const tasks = asTasks(series.slice(0, 20), model.config)
  const forecastOnce = (i: number) =>
    new Forecaster(model).paths([tasks[i % tasks.length]!], { samples: SAMPLES, horizon: HORIZON, seed: i })
  for (let i = 0; i < 10; i++) forecastOnce(i)
  const first = memoryOf(tf)
  for (let i = 0; i < forecasts; i++) forecastOnce(i)
  const last = memoryOf(tf)
  say('tensors after the first forecast and the last', `${first.tensors} and ${last.tensors} (${forecasts} forecasts)`)
  say('resident memory then', `${first.rssMb} and ${last.rssMb} MB`)
  return { first, last, forecasts }
}

/** A whole round of re-anchoring is inside, as it is in the long run. */
function benchStream(config: DeepArConfig) {
  const predictor = new StreamPredictor(modelOf({ ...config, dynamicFeatures: 0 }))
  const states = Array.from({ length: STREAMED }, () => predictor.newState())
  const past = Float64Array.from({ length: 800 }, (_, t) => 100 + 20 * Math.sin((2 * Math.PI * t) / 24))
  for (const state of states) predictor.recall(state, 0, past)
  const step = (t: number) =>
    predictor.advance(
      states.map((state, i) => ({ state, timestampMs: t * HOUR, value: 100 + (i % 7), observed: true })),
    )
  step(800)
  const { wallMs, cpuMs: cpu } = timed(() => {
    for (let t = 1; t <= ROUNDS; t++) step(800 + t)
  })
  const points = ROUNDS * STREAMED
  const pointsPerCpuSecond = Math.round((1000 * points) / cpu)
  const bytesPerSeries = states[0]!.byteSize
  say(
    'one-step bands in the stream',
    `${pointsPerCpuSecond} points a CPU second, ${Math.round((1000 * points) / wallMs)} by wall`,
  )
  say('state of one series', `${bytesPerSeries} bytes`)
  return { pointsPerCpuSecond, bytesPerSeries }
}

export async function bench(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      steps: { type: 'string' },
      forecasts: { type: 'string' },
      memory: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
  })
  const loaded = loadTensorflow()
  if (!loaded.ok) throw loaded.error
  console.warn = () => {}
  const series = madeSeries()
  const config = sameShapes(series)
  const [steps, forecasts] = values.memory ? [10_000, 1000] : [200, 100]
  const model = modelOf(config)
  return {
    training: benchTraining(loaded.value, config, series, Number(values.steps ?? steps)),
    forecasts: benchForecasts(model, series),
    forecastMemory: benchForecastMemory(loaded.value, model, series, Number(values.forecasts ?? forecasts)),
    stream: benchStream(config),
  }
}
