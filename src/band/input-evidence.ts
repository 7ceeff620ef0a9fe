import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import type { BaselineResidual } from '../forecast/baseline/seasonal-baseline.ts'
import { type Evidence, larger } from './evidence-amount.ts'
import { EvidenceChannel } from './evidence-channel.ts'
import { FlatRun } from './flat-run.ts'
import { EVIDENCE } from './judge-options.ts'
import { type RangeDeparture, RangeRule } from './range-rule.ts'
import { SuddenEvidence } from './sudden.ts'

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
export class InputEvidence {
  readonly #seasonal = new EvidenceChannel({ ...EVIDENCE.seasonal, memory: EVIDENCE.memory })
  readonly #sudden = new SuddenEvidence()
  readonly #sustained = new EvidenceChannel({ ...EVIDENCE.sustained, memory: EVIDENCE.memory })
  readonly #flat = new FlatRun()
  readonly #range = new RangeRule()
  #drift = 0

  step(value: number, residual: BaselineResidual): OwnEvidence {
    const { cap, seasonal, sudden, sustained, flat, range } = EVIDENCE
    const size = Math.min(50, Math.abs(residual.seasonal))
    this.#drift += (Math.max(-8, Math.min(8, residual.seasonal)) - this.#drift) / sustained.time
    const ofResidual = this.#seasonal.step(size)
    const ofTail = sudden.weight * this.#sudden.step(residual)
    const lasting = sustained.weight * Math.min(cap, this.#sustained.step(Math.abs(this.#drift)))
    const ofRun = this.#flat.step(value)
    const still = flat.weight * Math.min(cap, ofRun)
    const unusual = larger(
      { amount: Math.max(seasonal.weight * Math.min(cap, ofResidual), ofTail), kind: 'anomalous_value' },
      { amount: lasting, kind: 'anomalous_sustained' },
    )
    const record = this.#recordOf(this.#range.step(value, size, range.tolerance))
    const instant = Math.max(ofRun, ofResidual)
    return { unusual: larger(unusual, { amount: still, kind: 'anomalous_shape' }), record, instant }
  }

  #recordOf(left: RangeDeparture): Evidence {
    const { range } = EVIDENCE
    if (left.value <= 0) return { amount: left.residualRecord ? range.residual : 0, kind: 'anomalous_value' }
    const short = range.usualOvershoots - this.#sudden.overshoots(left.distance)
    const byTail = Math.min(range.heavyTail, Math.max(0, short))
    return { amount: range.value + 4 * left.value - byTail, kind: 'anomalous_range' }
  }

  get byteSize(): number {
    return this.#sudden.byteSize + 512
  }

  save(writer: BinaryWriter): void {
    writer.f64(this.#drift)
    this.#seasonal.save(writer)
    this.#sustained.save(writer)
    this.#flat.save(writer)
    this.#range.save(writer)
    this.#sudden.save(writer)
  }

  /** `tails` false: from a snapshot made before tails were learned; they begin anew. */
  load(reader: BinaryReader, tails: boolean): void {
    this.#drift = reader.f64()
    this.#seasonal.load(reader)
    this.#sustained.load(reader)
    this.#flat.load(reader)
    this.#range.load(reader)
    if (tails) this.#sudden.load(reader)
  }
}
