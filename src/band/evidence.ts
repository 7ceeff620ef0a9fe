import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import type { BaselineResidual } from '../forecast/baseline/seasonal-baseline.ts'
import { EvidenceChannel } from './evidence-channel.ts'
import { FlatRun } from './flat-run.ts'
import { EVIDENCE } from './judge-options.ts'
import { RangeRule } from './range-rule.ts'
import type { GradeReason } from './scored-point.ts'

/** What made a point unusual, in the words of the reasons. */
export type AnomalyKind = Extract<GradeReason, `anomalous_${string}`>

/** -log10 of how seldom such a point comes, about, and what it comes from. */
export interface Evidence {
  readonly amount: number
  readonly kind: AnomalyKind
}

/** The evidence by which events are found, and the same without what only lingers in the means of earlier points. */
export interface WeighedPoint extends Evidence {
  readonly present: number
}

/** CoDisp of the two forests; see src/pipeline/detector/views.ts. */
export interface ForestScores {
  readonly value: number
  readonly dynamics: number
}

function larger(a: Evidence, b: Evidence): Evidence {
  return b.amount > a.amount ? b : a
}

/** The 4-norm: near the larger one, a little more when both agree. */
function norm(a: number, b: number): number {
  return Math.sqrt(Math.hypot(a * a, b * b))
}

/** What one input's own residuals and range say. */
interface OwnEvidence {
  /** From residuals, and from standing still. */
  readonly unusual: Evidence
  /** What the range rule says, to be taken as it is. */
  readonly record: Evidence
  /** How unusual the newest value alone is. */
  readonly instant: number
}

/** Evidence from one input's own residuals and range. */
class InputEvidence {
  readonly #seasonal = new EvidenceChannel({ ...EVIDENCE.seasonal, memory: EVIDENCE.memory })
  readonly #sustained = new EvidenceChannel({ ...EVIDENCE.sustained, memory: EVIDENCE.memory })
  readonly #flat = new FlatRun()
  readonly #range = new RangeRule()
  #drift = 0

  step(value: number, residual: BaselineResidual): OwnEvidence {
    const { cap, seasonal, sustained, flat, range } = EVIDENCE
    const size = Math.min(50, Math.abs(residual.seasonal))
    this.#drift += (Math.max(-8, Math.min(8, residual.seasonal)) - this.#drift) / sustained.time
    const ofResidual = this.#seasonal.step(size)
    const sudden = seasonal.weight * Math.min(cap, ofResidual)
    const lasting = sustained.weight * Math.min(cap, this.#sustained.step(Math.abs(this.#drift)))
    const ofRun = this.#flat.step(value)
    const still = flat.weight * Math.min(cap, ofRun)
    const left = this.#range.step(value, size, range.tolerance)
    const unusual = larger(
      { amount: sudden, kind: 'anomalous_value' },
      { amount: lasting, kind: 'anomalous_sustained' },
    )
    const record: Evidence =
      left.value > 0
        ? { amount: range.value + 4 * left.value, kind: 'anomalous_range' }
        : { amount: left.residualRecord ? range.residual : 0, kind: 'anomalous_value' }
    const instant = Math.max(ofRun, ofResidual)
    return { unusual: larger(unusual, { amount: still, kind: 'anomalous_shape' }), record, instant }
  }

  save(writer: BinaryWriter): void {
    writer.f64(this.#drift)
    this.#seasonal.save(writer)
    this.#sustained.save(writer)
    this.#flat.save(writer)
    this.#range.save(writer)
  }

  load(reader: BinaryReader): void {
    this.#drift = reader.f64()
    this.#seasonal.load(reader)
    this.#sustained.load(reader)
    this.#flat.load(reader)
    this.#range.load(reader)
  }
}

/** All evidence of one series or entity: the forests' scores over all inputs, and each input's own. */
export class SeriesEvidence {
  readonly #value = new EvidenceChannel({ ...EVIDENCE.value, memory: EVIDENCE.memory })
  readonly #instant = new EvidenceChannel({ ...EVIDENCE.value, window: 1, memory: EVIDENCE.memory })
  readonly #dynamics = new EvidenceChannel({ ...EVIDENCE.dynamics, memory: EVIDENCE.memory })
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
    const amount = (ofValue + ofDynamics) / (value.weight + dynamics.weight)
    const long: Evidence = { amount, kind: ofValue >= ofDynamics ? 'anomalous_value' : 'anomalous_shape' }
    return { long, instant: this.#instant.step(scores.value) }
  }

  #combine(long: Evidence, short: Evidence, record: Evidence): Evidence {
    const both = { amount: norm(long.amount, short.amount), kind: larger(long, short).kind }
    if (record.amount <= 0) return both
    const isRange = record.kind === 'anomalous_range'
    return larger(both, { ...record, amount: isRange ? record.amount : record.amount + Math.min(4, long.amount) / 2 })
  }

  get byteSize(): number {
    return 3 * this.#value.byteSize + this.#inputs.length * 512
  }

  save(writer: BinaryWriter): void {
    for (const channel of [this.#value, this.#instant, this.#dynamics]) channel.save(writer)
    for (const input of this.#inputs) input.save(writer)
  }

  load(reader: BinaryReader): void {
    for (const channel of [this.#value, this.#instant, this.#dynamics]) channel.load(reader)
    for (const input of this.#inputs) input.load(reader)
  }
}
