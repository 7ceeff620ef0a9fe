import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import type { BaselineResidual } from '../forecast/baseline/seasonal-baseline.ts'
import { type Evidence, larger, norm } from './evidence-amount.ts'
import { EvidenceChannel } from './evidence-channel.ts'
import { InputEvidence } from './input-evidence.ts'
import { EVIDENCE } from './judge-options.ts'
import { SizeTail } from './size-tail.ts'

/** The evidence by which events are found, and the same without what only lingers in the means of earlier points. */
export interface WeighedPoint extends Evidence {
  readonly present: number
}

/** CoDisp of the two forests; see src/pipeline/detector/views.ts. */
export interface ForestScores {
  readonly value: number
  readonly dynamics: number
}

/** All evidence of one series or entity: the forests' scores over all inputs, and each input's own. */
export class SeriesEvidence {
  readonly #value = new EvidenceChannel({ ...EVIDENCE.value, memory: EVIDENCE.memory })
  readonly #instant = new EvidenceChannel({ ...EVIDENCE.value, window: 1, memory: EVIDENCE.memory })
  readonly #dynamics = new EvidenceChannel({ ...EVIDENCE.dynamics, memory: EVIDENCE.memory })
  /** What the forests have said together. */
  readonly #history = new SizeTail()
  readonly #inputs: readonly InputEvidence[]

  constructor(inputs: number) {
    this.#inputs = Array.from({ length: inputs }, () => new InputEvidence())
  }

  /** `residuals` has an entry for each input, undefined where it has no value now. */
  step(
    values: Float64Array,
    residuals: readonly (BaselineResidual | undefined)[],
    scores: ForestScores | undefined,
  ): WeighedPoint {
    // Several inputs are several chances: Bonferroni.
    const chances = Math.log10(this.#inputs.length)
    let own: Evidence = { amount: 0, kind: 'anomalous_value' }
    let record = own
    let instant = 0
    this.#inputs.forEach((input, i) => {
      const residual = residuals[i]
      if (residual === undefined) return
      const found = input.step(values[i]!, residual)
      own = larger(own, { ...found.unusual, amount: found.unusual.amount - chances })
      record = larger(record, { ...found.record, amount: found.record.amount - chances })
      instant = Math.max(instant, found.instant)
    })
    const joint = this.#joint(scores)
    const share = Math.min(1, Math.max(instant, joint.instant) / EVIDENCE.present)
    const present = norm(joint.long.amount * share, own.amount)
    return { ...this.#combine(joint.long, own, record), present }
  }

  /** What the forests say: of the lasting kind, and of the newest value alone. */
  #joint(scores: ForestScores | undefined) {
    if (scores === undefined) return { long: { amount: 0, kind: 'anomalous_value' } as Evidence, instant: 0 }
    const { value, dynamics, cap } = EVIDENCE
    const ofValue = value.weight * Math.min(cap, this.#value.step(scores.value))
    const ofDynamics = dynamics.weight * Math.min(cap, this.#dynamics.step(scores.dynamics))
    const amount = this.#calibrated((ofValue + ofDynamics) / (value.weight + dynamics.weight))
    const long: Evidence = { amount, kind: ofValue >= ofDynamics ? 'anomalous_value' : 'anomalous_shape' }
    return { long, instant: this.#instant.step(scores.value) }
  }

  /** Forests that are excited every other day say less each time. */
  #calibrated(amount: number): number {
    const { weight, most } = EVIDENCE.calibration
    return Math.max(amount - most, Math.min(amount, weight * this.#history.step(amount)))
  }

  #combine(long: Evidence, short: Evidence, record: Evidence): Evidence {
    const both = { amount: norm(long.amount, short.amount), kind: larger(long, short).kind }
    if (record.amount <= 0) return both
    const isRange = record.kind === 'anomalous_range'
    return larger(both, { ...record, amount: isRange ? record.amount : record.amount + Math.min(4, long.amount) / 2 })
  }

  get byteSize(): number {
    const inputs = this.#inputs.reduce((sum, input) => sum + input.byteSize, 0)
    return 3 * this.#value.byteSize + this.#history.byteSize + inputs
  }

  save(writer: BinaryWriter): void {
    for (const channel of [this.#value, this.#instant, this.#dynamics]) channel.save(writer)
    for (const input of this.#inputs) input.save(writer)
    this.#history.save(writer)
  }

  /** `tails` false: from a snapshot made before the tails of sizes were learned; they begin anew. */
  load(reader: BinaryReader, tails: boolean): void {
    for (const channel of [this.#value, this.#instant, this.#dynamics]) channel.load(reader)
    for (const input of this.#inputs) input.load(reader, tails)
    if (tails) this.#history.load(reader)
  }
}
