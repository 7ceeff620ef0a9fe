import type { CompositeOptions } from '../alarm/composite-alarm.ts'
import { alarmOptions } from '../alarm/options.ts'
import type { DetectorOptions } from '../pipeline/detector/options.ts'
import type { AlarmRule, PipelineOptions } from '../pipeline/options.ts'
import { resolveWindowOptions, type WindowOptions } from '../window/options.ts'
import type { AlarmConfig, CompositeConfig, ParsedPipeline, PipelineConfig } from './schema/pipeline.ts'

/** The options of a partition task, from a pipeline file: pure data, which a worker thread can be handed. */
export function toPipelineOptions(config: PipelineConfig): PipelineOptions {
  const window = resolveWindowOptions(windowInput(config.period, config.series))
  const { decode, join, series } = config
  return {
    name: config.name,
    decode: { format: decode.format, timestampUnit: decode.timestampUnit, maxFutureMs: decode.maxFuture },
    select: { rules: config.select, dropLabels: series.dropLabels },
    series: { limit: series.limit, onLimit: series.onLimit },
    window,
    join,
    detector: config.detector.kind === 'off' ? undefined : toDetectorOptions(config),
    forecastEveryMs: config.forecast?.every,
    alarms: config.alarms.map((alarm) => toAlarmRule(alarm, config)),
    composites: config.composites.map(toCompositeOptions),
    mutes: config.mutes,
  }
}

function toDetectorOptions({ detector, band: all }: PipelineConfig): DetectorOptions {
  const { kind: _, ...options } = detector
  const { model, robust, categories, ...band } = all
  return {
    ...options,
    band: { ...band, dataRange: { min: band.dataRange.min, max: band.dataRange.max } },
    forecast: { model, robust, categories },
  }
}

type Period = Pick<ParsedPipeline['period'], 'length' | 'statistic' | 'lateness' | 'missing' | 'counters'>

/** What a window is told; its own defaults stand for what is left out. */
export function windowInput(
  period: Period,
  series: { readonly expireAfter?: number | undefined },
): Partial<WindowOptions> {
  return {
    periodMs: period.length,
    statistic: period.statistic,
    latenessMs: period.lateness,
    missing: period.missing,
    counter: period.counters,
    ...(series.expireAfter === undefined ? {} : { expireAfterMs: series.expireAfter }),
  }
}

function toAlarmRule(alarm: AlarmConfig, { join, period }: PipelineConfig): AlarmRule {
  return { ...alarmOptions({ ...alarm, periodMs: period.length }, join?.metrics), match: alarm.match }
}

function toCompositeOptions({ suppressor, ...composite }: CompositeConfig): CompositeOptions {
  return {
    ...composite,
    suppressor: suppressor && {
      alarm: suppressor.alarm,
      waitMs: suppressor.wait,
      extensionMs: suppressor.extension,
    },
  }
}
