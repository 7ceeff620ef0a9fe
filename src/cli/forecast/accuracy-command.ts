import type { Command } from 'commander'
import { withForecasting } from '../../app/forecasting/engine.ts'
import { readModel } from '../../app/forecasting/model-files.ts'
import { forecastWindows } from '../../app/forecasting/rolling-forecast.ts'
import { readSeriesFiles } from '../../app/forecasting/series-files.ts'
import { DEFAULT_LEVELS, measureAccuracy, type QuantileForecast } from '../../forecast/accuracy.ts'
import { categoryTexts, indexCategories } from '../../forecast/categories.ts'
import { mainSeason, parseFrequency } from '../../forecast/frequency.ts'
import { historyOf, type RollingWindow, rollingWindows } from '../../forecast/rolling-windows.ts'
import { seasonalNaive } from '../../forecast/seasonal-naive.ts'
import { startProgress } from '../progress.ts'
import { accuracyTable } from './accuracy-table.ts'
import { fitSettings, type ModelFlags, modelOptions, wholeFrom } from './flags.ts'
import { trainingProgress } from './training-progress.ts'

interface AccuracyFlags extends ModelFlags {
  readonly data: string
  readonly model?: string
  readonly windows: number
}

const SAMPLES = 100
const SEED = 1

async function deeparForecasts(
  windows: readonly RollingWindow[],
  flags: AccuracyFlags,
): Promise<readonly QuantileForecast[]> {
  const frequency = parseFrequency(flags.freq)
  const { horizon } = flags
  const known = flags.model === undefined ? undefined : await readModel(flags.model)
  const training = trainingProgress(flags.json === true)
  return withForecasting(async (engine) => {
    const train = async () => {
      // Only what came before the first window of each series is learned from.
      const firsts = windows.filter((window, i) => windows[i - 1]?.series !== window.series)
      const histories = firsts.map(historyOf)
      const categories = categoryTexts(histories)
      const series = indexCategories(histories, categories, flags.data)
      const fitted = await engine.fit(series, { ...fitSettings(flags), frequency, horizon, categories }, training.show)
      return fitted.model
    }
    const model = known ?? (await train().finally(training.stop))
    const options = { horizon, samples: flags.samples ?? SAMPLES, seed: flags.seed ?? SEED, levels: DEFAULT_LEVELS }
    const forecasting = startProgress(windows.length, 'windows')
    return forecastWindows(engine, model, windows, options, flags.data, (count) =>
      forecasting.advance('forecast', count),
    ).finally(forecasting.stop)
  })
}

/** `tidegauge accuracy`: a rolling backtest of DeepAR beside seasonal naive. */
export function accuracyCommand(program: Command): void {
  const command = program
    .command('accuracy')
    .description('backtest forecasts on the last windows of each series, beside seasonal naive')
    .requiredOption('--data <path>', 'series with their truth: JSON Lines, a CSV file, or a folder of them')
    .option('--model <file>', 'use this model file; else one is trained on what comes before the windows')
    .option('--windows <count>', 'consecutive windows, the last one ending at the end of the series', wholeFrom(1), 1)
  for (const option of modelOptions()) command.addOption(option)
  command.action(async (flags: AccuracyFlags) => {
    const frequency = parseFrequency(flags.freq)
    const season = mainSeason(frequency)
    const records = await readSeriesFiles(flags.data, frequency)
    const { windows, tooShort } = rollingWindows(records, flags.horizon, flags.windows)
    if (tooShort.length > 0)
      process.stderr.write(`${flags.data}: ${tooShort.length} series are too short and left out\n`)
    const deepar = await deeparForecasts(windows, flags)
    const naive = windows.map(({ series, split }) =>
      seasonalNaive(series.target.slice(0, split), season, flags.horizon, DEFAULT_LEVELS),
    )
    const score = (forecasts: readonly QuantileForecast[]) =>
      measureAccuracy(
        windows.flatMap(({ series, split }, i) => {
          const forecast = forecasts[i]
          if (forecast === undefined) return []
          const truth = series.target.slice(split, split + flags.horizon)
          return [{ itemId: series.itemId, forecast, truth, history: series.target.slice(0, split) }]
        }),
        season,
      )
    const scores = { deepar: score(deepar), 'seasonal naive': score(naive) }
    process.stdout.write(flags.json === true ? `${JSON.stringify(scores)}\n` : accuracyTable(scores, DEFAULT_LEVELS))
  })
}
