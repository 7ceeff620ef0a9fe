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

/** CoDisp of the three forests; see src/pipeline/detector/views.ts. */
export interface ForestScores {
  readonly value: number
  readonly dynamics: number
  readonly residual: number
}

function larger(a: Evidence, b: Evidence): Evidence {
  return b.amount > a.amount ? b : a
}

function trustOf(explained: number): number {
  const { least, power } = EVIDENCE.trust
  return least + (1 - least) * explained ** power
}

/** Evidence from one input's own residuals and range. */
class InputEvidence {
  readonly #seasonal = new EvidenceChannel({ ...EVIDENCE.seasonal, memory: EVIDENCE.memory })
  readonly #sustained = new EvidenceChannel({ ...EVIDENCE.sustained, memory: EVIDENCE.memory })
  readonly #flat = new FlatRun()
  readonly #range = new RangeRule()
  #drift = 0
  trust = 0

  /** Evidence before trust; `record` is what the range rule says, to be taken as it is. */
  step(value: number, residual: BaselineResidual): { readonly trusted: Evidence; readonly record: Evidence } {
    const { cap, seasonal, sustained, flat, range } = EVIDENCE
    this.trust = trustOf(residual.explained)
    const size = Math.min(50, Math.abs(residual.seasonal))
    this.#drift += (Math.max(-8, Math.min(8, residual.seasonal)) - this.#drift) / sustained.time
    const sudden = seasonal.weight * Math.min(cap, this.#seasonal.step(size))
    const lasting = sustained.weight * Math.min(cap, this.#sustained.step(Math.abs(this.#drift)))
    const still = flat.weight * Math.min(cap, this.#flat.step(value))
    const left = this.#range.step(value, size, range.tolerance)
    const trusted = larger(
      { amount: sudden * this.trust, kind: 'anomalous_value' },
      { amount: lasting * this.trust, kind: 'anomalous_sustained' },
    )
    const record: Evidence =
      left.value > 0
        ? { amount: range.value + 4 * left.value, kind: 'anomalous_range' }
        : { amount: left.residualRecord ? range.residual * (0.5 + 0.5 * this.trust) : 0, kind: 'anomalous_value' }
    return { trusted: larger(trusted, { amount: still, kind: 'anomalous_shape' }), record }
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
  readonly #dynamics = new EvidenceChannel({ ...EVIDENCE.dynamics, memory: EVIDENCE.memory })
  readonly #residual = new EvidenceChannel({ ...EVIDENCE.residual, memory: EVIDENCE.memory })
  readonly #inputs: readonly InputEvidence[]

  constructor(inputs: number) {
    this.#inputs = Array.from({ length: inputs }, () => new InputEvidence())
  }

  /** `residuals` has an entry for each input, undefined where it has no value now. */
  step(
    values: Float64Array,
    residuals: readonly (BaselineResidual | undefined)[],
    scores: ForestScores | undefined,
  ): Evidence {
    // Several inputs are several chances: Bonferroni.
    const chances = Math.log10(this.#inputs.length)
    let own: Evidence = { amount: 0, kind: 'anomalous_value' }
    let record = own
    let trust: number = EVIDENCE.trust.least
    this.#inputs.forEach((input, i) => {
      const residual = residuals[i]
      if (residual === undefined) return
      const found = input.step(values[i]!, residual)
      own = larger(own, { ...found.trusted, amount: found.trusted.amount - chances })
      record = larger(record, { ...found.record, amount: found.record.amount - chances })
      trust = Math.max(trust, input.trust)
    })
    return this.#combine(this.#joint(scores, trust), own, record)
  }

  #joint(scores: ForestScores | undefined, trust: number): { readonly long: Evidence; readonly residual: number } {
    if (scores === undefined) return { long: { amount: 0, kind: 'anomalous_value' }, residual: 0 }
    const { value, dynamics, residual, cap } = EVIDENCE
    const ofValue = value.weight * Math.min(cap, this.#value.step(scores.value))
    const ofDynamics = dynamics.weight * Math.min(cap, this.#dynamics.step(scores.dynamics))
    const ofResidual = residual.weight * Math.min(cap, this.#residual.step(scores.residual))
    const amount = (ofValue + ofDynamics) / (value.weight + dynamics.weight)
    const kind = ofValue >= ofDynamics ? 'anomalous_value' : 'anomalous_shape'
    return { long: { amount, kind }, residual: ofResidual * trust }
  }

  #combine(joint: { readonly long: Evidence; readonly residual: number }, own: Evidence, record: Evidence): Evidence {
    const short = larger(own, { amount: joint.residual, kind: 'anomalous_value' })
    const both = Math.hypot(joint.long.amount ** 2, short.amount ** 2) ** 0.5
    const kind = larger(joint.long, short).kind
    const backed =
      record.kind === 'anomalous_range' ? record.amount : record.amount + Math.min(4, joint.long.amount) / 2
    return larger({ amount: both, kind }, record.amount > 0 ? { ...record, amount: backed } : record)
  }

  get byteSize(): number {
    return 3 * this.#value.byteSize + this.#inputs.length * 512
  }

  save(writer: BinaryWriter): void {
    for (const channel of [this.#value, this.#dynamics, this.#residual]) channel.save(writer)
    for (const input of this.#inputs) input.save(writer)
  }

  load(reader: BinaryReader): void {
    for (const channel of [this.#value, this.#dynamics, this.#residual]) channel.load(reader)
    for (const input of this.#inputs) input.load(reader)
  }
}
