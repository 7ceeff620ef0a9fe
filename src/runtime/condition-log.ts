import type { Clock } from '../core/clock.ts'
import type { LogFields, Logger, LogLevel } from './logger.ts'

interface Condition {
  /** When a line was last written. */
  readonly loggedAtMs: number
  /** How often it held since then. */
  readonly suppressed: number
}

/** Conditions remembered at once; the one reported longest ago is forgotten first. */
const CONDITIONS_MAX = 1_000

/**
 * Writes a condition that holds again and again once, then at most every `repeatMs` with the number of times it held
 * between (`suppressed`). A topic that is missing for an hour is a few lines, not a log full of them.
 */
export class ConditionLog {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #repeatMs: number
  readonly #conditions = new Map<string, Condition>()

  constructor(logger: Logger, clock: Clock, repeatMs = 60_000) {
    this.#logger = logger
    this.#clock = clock
    this.#repeatMs = repeatMs
  }

  /** `key` names the condition and what it is about; false when the line was held back. */
  report(key: string, level: LogLevel, message: string, fields: LogFields = {}): boolean {
    const nowMs = this.#clock.nowMs()
    const known = this.#conditions.get(key)
    // Re-inserting keeps the map in order of use, so that its first entry is the one to forget.
    this.#conditions.delete(key)
    if (known !== undefined && nowMs - known.loggedAtMs < this.#repeatMs) {
      this.#conditions.set(key, { ...known, suppressed: known.suppressed + 1 })
      return false
    }
    const suppressed = known?.suppressed ?? 0
    this.#logger.log(level, message, suppressed === 0 ? fields : { ...fields, suppressed })
    this.#conditions.set(key, { loggedAtMs: nowMs, suppressed: 0 })
    if (this.#conditions.size > CONDITIONS_MAX) {
      const oldest = this.#conditions.keys().next()
      if (!oldest.done) this.#conditions.delete(oldest.value)
    }
    return true
  }

  /** The condition no longer holds: says so once, if it was ever reported. */
  clear(key: string, message: string, fields: LogFields = {}): void {
    const known = this.#conditions.get(key)
    if (known === undefined) return
    this.#conditions.delete(key)
    this.#logger.log('info', message, known.suppressed === 0 ? fields : { ...fields, suppressed: known.suppressed })
  }
}
