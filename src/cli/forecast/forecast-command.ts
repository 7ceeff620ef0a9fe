import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { withForecasting } from '../../app/forecasting/engine.ts'
import { readModel } from '../../app/forecasting/model-files.ts'
import { forecastWindows } from '../../app/forecasting/rolling-forecast.ts'
import { readSeriesFiles, readText } from '../../app/forecasting/series-files.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { DEFAULT_LEVELS } from '../../forecast/accuracy.ts'
import { indexCategories } from '../../forecast/categories.ts'
import type { DeepArModel } from '../../forecast/deepar/model.ts'
import { forecastLine } from '../../forecast/forecast-lines.ts'
import { parseFrequency } from '../../forecast/frequency.ts'
import { type RollingWindow, rollingWindows } from '../../forecast/rolling-windows.ts'
import { inferenceResponse, readInferenceRequest } from '../../forecast/sagemaker.ts'
import { startProgress } from '../progress.ts'
import { type ModelFlags, modelOptions, wholeFrom } from './flags.ts'
import { describeFit, trainOn } from './train-command.ts'

interface ForecastFlags extends ModelFlags {
  readonly train?: string
  readonly model?: string
  readonly test?: string
  readonly out?: string
  readonly windows: number
  readonly future?: true
  readonly sagemakerRequest?: string
}

/** More than a model's own check takes: with half as many, chance moves the outer quantiles by another percent. */
const SAMPLES = 200
const SEED = 1

async function modelOf(flags: ForecastFlags): Promise<DeepArModel> {
  if (flags.model !== undefined) {
    const model = await readModel(flags.model)
    const asked = parseFrequency(flags.freq).text
    if (model.config.frequency === asked) return model
    throw new TidegaugeError('MODEL_INVALID', `is a model of frequency ${model.config.frequency}, not ${asked}`, {
      where: flags.model,
      hint: 'correct --freq, or train a model',
    })
  }
  if (flags.train === undefined) {
    throw new TidegaugeError('CONFIG_INVALID', 'neither was given', {
      where: '--train or --model',
      hint: 'give the training data, or a model file of tidegauge train',
    })
  }
  const fitted = await trainOn(flags.train, flags)
  if (flags.json !== true) process.stderr.write(describeFit(fitted))
  return fitted.model
}

async function windowsOf(path: string, flags: ForecastFlags): Promise<readonly RollingWindow[]> {
  const records = await readSeriesFiles(path, parseFrequency(flags.freq))
  if (flags.future === true) return records.map((series) => ({ series, split: series.target.length }))
  const { windows, tooShort } = rollingWindows(records, flags.horizon, flags.windows)
  if (tooShort.length > 0) {
    const shown = tooShort.slice(0, 5).join(', ')
    process.stderr.write(`${path}: ${tooShort.length} series are too short for ${flags.windows} windows: ${shown}\n`)
  }
  return windows
}

async function forecastFile(path: string, flags: ForecastFlags): Promise<void> {
  const windows = await windowsOf(path, flags)
  const model = await modelOf(flags)
  const options = {
    horizon: flags.horizon,
    samples: flags.samples ?? SAMPLES,
    seed: flags.seed ?? SEED,
    levels: DEFAULT_LEVELS,
  }
  const progress = startProgress(windows.length, 'windows')
  const forecasts = await withForecasting((engine) =>
    forecastWindows(engine, model, windows, options, path, (count) => progress.advance('forecast', count)),
  ).finally(progress.stop)
  const frequency = parseFrequency(flags.freq)
  const lines = windows.flatMap(({ series, split }, i) => {
    const forecast = forecasts[i]
    return forecast === undefined ? [] : [`${forecastLine(series, split, frequency, forecast)}\n`]
  })
  if (flags.out === undefined) {
    process.stdout.write(lines.join(''))
    return
  }
  await writeFile(flags.out, lines.join(''))
  const report = { forecasts: lines.length, out: flags.out, record: model.record }
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(report)}\n` : `${lines.length} forecasts in ${flags.out}\n`,
  )
}

async function answerRequest(path: string, flags: ForecastFlags): Promise<void> {
  const frequency = parseFrequency(flags.freq)
  const request = readInferenceRequest(await readText(path), path, frequency)
  const model = await modelOf(flags)
  const series = indexCategories(request.instances, model.categories, path)
  const options = { horizon: flags.horizon, samples: request.samples, seed: flags.seed ?? SEED, levels: request.levels }
  const found = await withForecasting((engine) => engine.forecast(model, series, options))
  const text = `${JSON.stringify(inferenceResponse(request, found))}\n`
  if (flags.out === undefined) process.stdout.write(text)
  else await writeFile(flags.out, text)
}

/** `tidegauge forecast`: quantile forecasts of series in a file, by a model trained here or read from a model file. */
export function forecastCommand(program: Command): void {
  const command = program
    .command('forecast')
    .description('forecast series in a file: quantiles and mean, one JSON line a window')
    .option('--train <path>', 'train on these series first')
    .option('--model <file>', 'or use this model file')
    .option('--test <path>', 'series to forecast; the last windows of each are forecast from what came before them')
    .option('--windows <count>', 'consecutive windows, the last one ending at the end of the series', wholeFrom(1), 1)
    .option('--future', 'forecast what comes after the end of each series')
    .option('--sagemaker-request <file>', 'answer a SageMaker DeepAR inference request instead')
    .option('--out <file>', 'file to write; standard output when absent')
  for (const option of modelOptions()) command.addOption(option)
  command.action(async (flags: ForecastFlags) => {
    if (flags.sagemakerRequest !== undefined) return answerRequest(flags.sagemakerRequest, flags)
    if (flags.test !== undefined) return forecastFile(flags.test, flags)
    throw new TidegaugeError('CONFIG_INVALID', 'neither was given', {
      where: '--test or --sagemaker-request',
      hint: 'give the series to forecast',
    })
  })
}
