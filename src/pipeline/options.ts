import type { CompositeOptions } from '../alarm/composite-alarm.ts'
import type { MuteOptions } from '../alarm/mute.ts'
import type { AlarmOptions } from '../alarm/options.ts'
import type { DecodeOptions } from '../decode/options.ts'
import type { WindowOptions } from '../window/options.ts'
import type { DetectorOptions } from './detector/options.ts'
import type { OnLimit } from './entity-table.ts'
import type { SelectionOptions } from './selection.ts'

/** Several metrics of one entity become one point of several inputs. */
export interface JoinOptions {
  /** Labels that make the entity; the rest are dropped. */
  readonly by: readonly string[]
  /** Names of the metrics, in the order of the point's inputs. */
  readonly metrics: readonly string[]
  /** Name of the joined series. */
  readonly name: string
}

/** An alarm and the series that it watches: anchored regular expressions, empty for all. */
export interface AlarmRule extends AlarmOptions {
  readonly match: Readonly<Record<string, string>>
}

/** All that a partition task needs: pure data, the same on every machine. */
export interface PipelineOptions {
  readonly name: string
  readonly decode: DecodeOptions
  readonly select: SelectionOptions
  readonly series: {
    readonly limit: number
    readonly onLimit: OnLimit
  }
  readonly window: WindowOptions
  readonly join: JoinOptions | undefined
  /** undefined: no model; points carry the value only, for alarms on static thresholds. */
  readonly detector: DetectorOptions | undefined
  /** How often, in event time, forecasts over several periods are asked for; undefined: never. */
  readonly forecastEveryMs: number | undefined
  readonly alarms: readonly AlarmRule[]
  /** Over the alarms of one series. */
  readonly composites: readonly CompositeOptions[]
  readonly mutes: readonly MuteOptions[]
}
