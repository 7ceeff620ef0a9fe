import type { Clock } from '../core/clock.ts'
import { asTidegaugeError, type TidegaugeError } from '../core/errors.ts'
import { categoryTexts, indexCategories } from '../forecast/categories.ts'
import type { FitOptions, FitProgress, Fitted } from '../forecast/deepar/fit.ts'
import type { DeepArModel } from '../forecast/deepar/model.ts'
import { decodeModel, encodeModel } from '../forecast/deepar/model-file.ts'
import type { SeriesInput } from '../forecast/deepar/prepared-series.ts'
import { frequencyOfPeriod } from '../forecast/frequency.ts'
import type { SeriesRecord } from '../forecast/series-lines.ts'
import type { Logger } from './logger.ts'
import type { ModelCatalog } from './model-catalog.ts'
import type { RetrainingOutcome, Telemetry } from './telemetry.ts'

/** The challenger must be better by more than this share: the windows that compare them are few, and it is new to them. */
const MARGIN = 0.01
/** Steps of the progress that are told. */
const TOLD_STEPS = 50

export interface RetrainingSettings {
  readonly pipeline: string
  readonly periodMs: number
  /** Periods ahead that the model forecasts. */
  readonly horizon: number
  /** Between two rounds, by the clock. */
  readonly everyMs: number
  /** How far back the topic is read. */
  readonly historyMs: number
  readonly steps: number
}

export interface RetrainingPorts {
  /**
   * Whether it is for this process to train: the one that holds the first partition of the pipeline's first topic. The
   * consumer group gives a partition to one member at a time, so no other election is needed.
   */
  readonly isOurs: () => boolean
  /** The pipeline's own series since then; undefined where there is no topic to read again. Commits nothing. */
  readonly history: ((fromMs: number) => Promise<readonly SeriesRecord[]>) | undefined
  readonly train: (
    series: readonly SeriesInput[],
    options: FitOptions,
    onProgress: (progress: FitProgress) => void,
  ) => Promise<Fitted>
  /** Rejects with BACKEND_MISSING where nothing can be trained. */
  readonly probe: () => Promise<void>
  /** Nothing can be trained on this machine, and why. Called once. */
  readonly unavailable: (detail: string) => void
  readonly catalog: Pick<ModelCatalog, 'active' | 'publish'>
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly logger: Logger
}

/**
 * Trains a pipeline's model anew on the topic's own history, beside the stream: the active model is the champion, a model
 * that went on from it is the challenger, and only one that is better on windows held back from both its training and its
 * choice is published; tasks then adopt it as any other. Without an active model, seasonal naive is the champion.
 *
 * A round that a rebalance moves away from is finished all the same: at worst two processes publish, one version after the
 * other, each of which has won.
 */
export class Retraining {
  readonly #settings: RetrainingSettings
  readonly #ports: RetrainingPorts
  #interval: number
  #round: Promise<RetrainingOutcome> | undefined
  #off = false

  constructor(settings: RetrainingSettings, ports: RetrainingPorts) {
    this.#settings = settings
    this.#ports = ports
    this.#interval = this.#intervalNow()
  }

  /** Finds out at the start, and not at the first round in a week, whether this machine can train. Never rejects. */
  async probe(): Promise<void> {
    try {
      await this.#ports.probe()
    } catch (thrown) {
      const error = asTidegaugeError(thrown)
      if (error.code === 'BACKEND_MISSING') this.#unavailable(error)
    }
  }

  #unavailable(error: TidegaugeError): void {
    if (this.#off) return
    this.#off = true
    const { pipeline } = this.#settings
    const { telemetry, logger, unavailable } = this.#ports
    const detail = `models are not trained here; bands, forecasts and alarms go on: ${error.describe()}`
    telemetry.emit({ type: 'error_raised', code: error.code, component: 'forecast' })
    logger.error(detail, { pipeline, code: error.code })
    unavailable(detail)
  }

  /** Intervals are those of the clock, not of the process's start: a restart neither delays a round nor repeats it. */
  #intervalNow(): number {
    return Math.floor(this.#ports.clock.nowMs() / this.#settings.everyMs)
  }

  /** Starts a round when one is due, and it is for this process. To be called now and then. */
  check(): void {
    const interval = this.#intervalNow()
    if (this.#off || interval === this.#interval || !this.#ports.isOurs()) return
    this.#interval = interval
    void this.run()
  }

  /** One round, or the one under way. Never rejects. */
  run(): Promise<RetrainingOutcome> {
    this.#round ??= this.#timed().finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  /** No further rounds; what comes of the one under way is no news. */
  stop(): void {
    this.#off = true
  }

  async settled(): Promise<void> {
    await this.#round
  }

  async #timed(): Promise<RetrainingOutcome> {
    const { pipeline } = this.#settings
    const { clock, telemetry, logger } = this.#ports
    const startedMs = clock.nowMs()
    const outcome = await this.#train().catch((thrown: unknown): RetrainingOutcome => {
      const error = asTidegaugeError(thrown)
      if (this.#off) return 'failed'
      if (error.code === 'INPUT_INVALID') {
        logger.warn(`no model was trained: ${error.describe()}`, { pipeline })
        return 'too_little_data'
      }
      if (error.code === 'BACKEND_MISSING') {
        this.#unavailable(error)
        return 'unavailable'
      }
      telemetry.emit({ type: 'error_raised', code: error.code, component: 'forecast' })
      logger.error(`retraining failed, the model in use stays: ${error.describe()}`, { pipeline, code: error.code })
      return 'failed'
    })
    const atMs = clock.nowMs()
    telemetry.emit({ type: 'retraining_ended', pipeline, outcome, durationMs: atMs - startedMs, atMs })
    return outcome
  }

  async #train(): Promise<RetrainingOutcome> {
    const { pipeline, historyMs, steps, horizon, periodMs } = this.#settings
    const { history, train, catalog, clock, telemetry, logger } = this.#ports
    if (history === undefined) return 'unavailable'
    const records = await history(clock.nowMs() - historyMs)
    const release = await catalog.active(pipeline)
    const active = release && decodeModel(release.bytes, `model version ${release.version}`)
    const frequency = frequencyOfPeriod(periodMs)
    const champion = active && isSuccessible(active, records, frequency.text, horizon) ? active : undefined
    const categories = champion?.categories ?? categoryTexts(records)
    const options = {
      frequency,
      horizon,
      steps,
      categories,
      ...(champion === undefined ? {} : { warmStart: champion }),
    }
    const fitted = await train(indexCategories(records, categories, pipeline), options, ({ step }) => {
      if (step % TOLD_STEPS === 0) telemetry.emit({ type: 'retraining_progressed', pipeline, step, steps })
    })
    telemetry.emit({ type: 'retraining_progressed', pipeline, step: steps, steps })
    const { macroWql, macroWqlSeasonalNaive, heldBackWindows, series } = fitted.model.record
    const figures = { pipeline, series, windows: heldBackWindows, macroWql, macroWqlSeasonalNaive }
    const rivals = { ...figures, champion: fitted.championLoss }
    if (heldBackWindows === 0) return 'too_little_data'
    const losses = { challenger: macroWql, champion: fitted.championLoss, seasonalNaive: macroWqlSeasonalNaive }
    telemetry.emit({ type: 'retraining_compared', pipeline, ...losses })
    // Not "worse than": a loss that is no number does not win.
    if (!(macroWql < (1 - MARGIN) * macroWqlSeasonalNaive)) {
      logger.info('retrained: seasonal naive is better on held-back windows, nothing is published', rivals)
      return 'baseline_better'
    }
    if (champion !== undefined && !(macroWql < (1 - MARGIN) * fitted.championLoss)) {
      logger.info('retrained: the active model is better on held-back windows, and stays', rivals)
      return 'champion_better'
    }
    if (this.#off) return 'failed'
    const version = await catalog.publish(pipeline, encodeModel(fitted.model))
    logger.info('retrained: a better model is published', { ...rivals, version })
    return 'published'
  }
}

/** Whether training can go on from a model: same steps, same horizon, and no category that it has never seen. */
function isSuccessible(
  { config, categories }: DeepArModel,
  records: readonly SeriesRecord[],
  frequency: string,
  horizon: number,
): boolean {
  if (config.frequency !== frequency || config.horizon !== horizon) return false
  return records.every((one) => {
    const known = one.categories.map((text, c) => categories[c]?.includes(text) ?? false)
    return known.length === categories.length && !known.includes(false)
  })
}
