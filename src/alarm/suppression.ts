import type { BinaryReader, BinaryWriter } from '../core/binary.ts'

/** Why a composite alarm's actions are held back now. */
const SUPPRESSION_PHASES = ['none', 'WaitPeriod', 'ExtensionPeriod', 'Alarm'] as const
export type SuppressionPhase = (typeof SUPPRESSION_PHASES)[number]

export interface SuppressionOptions {
  /** The alarm that holds back actions while it is in ALARM. */
  readonly alarm: string
  /** How long a change of state waits for the suppressor to go into ALARM. */
  readonly waitMs: number
  /** How long actions stay held back after the suppressor left ALARM. */
  readonly extensionMs: number
}

/**
 * An actions suppressor, as CloudWatch's composite alarms have it. The composite's state always changes; only its
 * actions are held back, and when nothing holds them any more, those of the state that it is in by then are run.
 *
 * A change of state starts the wait period, again with each further change. The suppressor going into ALARM ends a
 * wait and holds the actions for as long as it stays there; when it leaves, the extension period runs, unless another
 * change drops it for a new wait. Driven by event time.
 */
export class Suppression {
  readonly #options: SuppressionOptions
  #phase: SuppressionPhase = 'none'
  #untilMs = Number.NaN
  #suppressorInAlarm = false

  constructor(options: SuppressionOptions) {
    this.#options = options
  }

  get phase(): SuppressionPhase {
    return this.#phase
  }

  /** When the running period ends; NaN when none is running. */
  get untilMs(): number {
    return this.#untilMs
  }

  /**
   * Moves to an instant at which the suppressor's state is known. A period that ended before this instant ended before
   * whatever the suppressor did at it. In phase `none` afterwards, nothing is held back any more.
   */
  advance(atMs: number, suppressorInAlarm: boolean): void {
    if (this.#untilMs < atMs) this.#enter('none', Number.NaN)
    const was = this.#suppressorInAlarm
    this.#suppressorInAlarm = suppressorInAlarm
    if (this.#phase !== 'none' && suppressorInAlarm && !was) this.#enter('Alarm', Number.NaN)
    if (this.#phase === 'Alarm' && !suppressorInAlarm) {
      this.#enter('ExtensionPeriod', atMs + this.#options.extensionMs)
    }
    if (this.#untilMs <= atMs) this.#enter('none', Number.NaN)
  }

  /** The composite changed its state, after `advance` to the same instant: what holds its actions back. */
  changed(atMs: number): SuppressionPhase {
    if (this.#suppressorInAlarm) this.#enter('Alarm', Number.NaN)
    else if (this.#options.waitMs > 0) this.#enter('WaitPeriod', atMs + this.#options.waitMs)
    else this.#enter('none', Number.NaN)
    return this.#phase
  }

  #enter(phase: SuppressionPhase, untilMs: number): void {
    this.#phase = phase
    this.#untilMs = untilMs
  }

  save(writer: BinaryWriter): void {
    writer.text(this.#options.alarm)
    writer.u8(SUPPRESSION_PHASES.indexOf(this.#phase))
    writer.f64(this.#untilMs)
    writer.bool(this.#suppressorInAlarm)
  }

  /** Another suppressor than the saved one drops the running period. */
  load(reader: BinaryReader): void {
    const same = reader.text() === this.#options.alarm
    const phase = SUPPRESSION_PHASES[reader.u8()] ?? 'none'
    const untilMs = reader.f64()
    const suppressorInAlarm = reader.bool()
    if (!same) return
    this.#enter(phase, untilMs)
    this.#suppressorInAlarm = suppressorInAlarm
  }
}
