import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import type { WeighedPoint } from './evidence.ts'
import { GATE } from './judge-options.ts'
import type { GradeReason } from './scored-point.ts'

export interface GateOptions {
  /** Evidence from which a point is anomalous. */
  readonly threshold: number
  readonly levelShift: 'alertOnce' | 'keepAlerting'
  /** Points before anything is called anomalous. */
  readonly learning: number
}

export interface Verdict {
  readonly score: number
  readonly grade: number
  readonly reason: GradeReason
}

/** When something new begins: evidence over a threshold, and not soon after the last, unless it is much stronger. */
class Onset {
  #restUntil = 0
  #peak = 0

  /** True when an event begins at `now`; with `goesOn`, one that lasts keeps the rest from ending. */
  step(now: number, evidence: number, threshold: number, rest: number, goesOn: boolean): boolean {
    if (evidence < threshold) return false
    if (now < this.#restUntil && evidence <= GATE.rise * this.#peak) {
      if (goesOn) this.#restUntil = Math.max(this.#restUntil, now + rest)
      return false
    }
    this.#restUntil = now + rest
    this.#peak = evidence
    return true
  }

  resting(now: number): boolean {
    return now < this.#restUntil
  }

  reset(): void {
    this.#restUntil = 0
    this.#peak = 0
  }

  save(writer: BinaryWriter): void {
    writer.f64(this.#restUntil)
    writer.f64(this.#peak)
  }

  load(reader: BinaryReader): void {
    this.#restUntil = reader.f64()
    this.#peak = reader.f64()
  }
}

/**
 * From evidence to what is reported. The score is the evidence over the threshold, so that 1 means the same for every
 * series: about one false alarm in tens of thousands of points. Only the first point of something new has the full
 * score; what goes on, or follows within the rest, is ranked below, by its evidence, its mean lately and how recent
 * the event is. The grade is above 0 at the start of an event only (alertOnce), or as long as it lasts (keepAlerting).
 */
export class AlertGate {
  readonly #options: GateOptions
  readonly #notice = new Onset()
  readonly #alert = new Onset()
  #points = 0
  #alertAt = Number.NEGATIVE_INFINITY
  #lately = 0
  #aftermath = 0
  /** Evidence that a person called no anomaly; it fades. */
  #tolerated = 0

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** `allowed` false: the point is let pass whatever its evidence; it starts no event. */
  step(evidence: WeighedPoint, allowed: boolean): Verdict {
    const threshold = this.#threshold()
    this.#tolerated *= GATE.toleranceDecay
    const now = this.#points++
    const learning = now < this.#options.learning
    const amount = learning ? (evidence.amount * GATE.youngShare * now) / this.#options.learning : evidence.amount
    this.#lately += (amount - this.#lately) / GATE.lately
    const live = allowed && !learning
    const noticed = live && this.#notice.step(now, amount, threshold * GATE.noticeShare, GATE.noticeRest, false)
    const resting = this.#alert.resting(now)
    const alerted = live && this.#alert.step(now, amount, threshold, GATE.alertRest, true)
    if (alerted) this.#alertAt = now
    this.#aftermath *= GATE.aftermathDecay
    if (noticed) this.#aftermath = Math.max(this.#aftermath, Math.min(1, amount / threshold))
    const score = noticed ? amount / threshold : this.#ranked(Math.min(amount, evidence.present))
    if (learning) return { score, grade: 0, reason: 'learning' }
    if (!(amount >= threshold)) return { score, grade: 0, reason: 'normal' }
    const keeps = now - this.#alertAt < GATE.alertLength || this.#options.levelShift === 'keepAlerting'
    if (live && (alerted || keeps)) return { score, grade: gradeOf(amount / threshold), reason: evidence.kind }
    return {
      score,
      grade: 0,
      reason: resting && now - this.#alertAt < GATE.alertRest ? 'suppressed_rest' : 'suppressed_alert_once',
    }
  }

  /** A rank below every notice: 0 .. noticeShare. */
  #ranked(amount: number): number {
    const threshold = this.#threshold()
    const rank = (1 - GATE.latelyShare) * amount + 2 * GATE.latelyShare * this.#lately
    const sum = rank / threshold + GATE.aftermathShare * this.#aftermath
    return GATE.noticeShare * 0.999 * (1 - Math.exp(-sum))
  }

  #threshold(): number {
    return Math.max(this.#options.threshold, this.#tolerated)
  }

  /** As much evidence as this, and a tenth more, is not anomalous for a while. */
  tolerate(evidence: number): void {
    this.#tolerated = Math.max(this.#tolerated, 1.1 * evidence)
    this.reset()
  }

  /** Forgets that anything was alerted. */
  reset(): void {
    this.#notice.reset()
    this.#alert.reset()
    this.#alertAt = Number.NEGATIVE_INFINITY
    this.#aftermath = 0
  }

  get points(): number {
    return this.#points
  }

  save(writer: BinaryWriter): void {
    for (const value of [this.#points, this.#alertAt, this.#lately, this.#aftermath, this.#tolerated]) writer.f64(value)
    this.#notice.save(writer)
    this.#alert.save(writer)
  }

  load(reader: BinaryReader): void {
    this.#points = reader.f64()
    this.#alertAt = reader.f64()
    this.#lately = reader.f64()
    this.#aftermath = reader.f64()
    this.#tolerated = reader.f64()
    this.#notice.load(reader)
    this.#alert.load(reader)
  }
}

/** 0.5 at the threshold, towards 1 as the evidence grows. */
function gradeOf(score: number): number {
  return 1 - 0.5 / score ** 2
}
