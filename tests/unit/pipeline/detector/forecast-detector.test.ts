import { describe, expect, it } from 'vitest'
import type { ScoredPoint } from '../../../../src/band/scored-point.ts'
import { type BandModel, ModelSlot, prepareModel } from '../../../../src/pipeline/detector/band-model.ts'
import type { PeriodPoint, SeriesDetector } from '../../../../src/pipeline/detector/contract.ts'
import { createDetector, restoreDetector } from '../../../../src/pipeline/detector/create-detector.ts'
import { ForecastDetector, innerSnapshot } from '../../../../src/pipeline/detector/forecast-detector.ts'
import { DETECTOR_DEFAULTS, type DetectorSetup } from '../../../../src/pipeline/detector/options.ts'
import { minutelyModel, released } from '../../../support/band-models.ts'
import { MINUTE_MS } from '../../../support/pipeline-options.ts'

const T0 = 1_700_000_040_000

function setupWith(changes: Partial<DetectorSetup['forecast']> = {}): DetectorSetup {
  const forecast = { ...DETECTOR_DEFAULTS.forecast, model: 'deepar' as const, ...changes }
  return { ...DETECTOR_DEFAULTS, trees: 2, sampleSize: 16, inputs: ['m'], periodMs: MINUTE_MS, forecast }
}

function model(version = 1, macroWql = 0.1): BandModel {
  const prepared = prepareModel(released(version, minutelyModel(version, macroWql)), {
    periodMs: MINUTE_MS,
    categories: 0,
  })
  if (!prepared.ok) throw new Error(prepared.error.detail)
  return prepared.value
}

const pointAt = (i: number, value = 100 + 10 * Math.sin(i / 2)): PeriodPoint => ({
  timestampMs: T0 + i * MINUTE_MS,
  values: Float64Array.of(value),
  observed: Uint8Array.of(Number.isNaN(value) ? 0 : 1),
})

/** An inner detector that says of each point what the test wants. */
function scripted(verdict: (i: number) => Partial<ScoredPoint>): SeriesDetector {
  let i = 0
  return {
    step: ({ timestampMs, values, observed }) => ({
      timestampMs,
      inputs: [
        {
          name: 'm',
          value: values[0] ?? Number.NaN,
          observed: observed[0] === 1,
          expected: 100,
          lower: 80,
          upper: 120,
        },
      ],
      score: 0,
      grade: 0,
      confidence: 1,
      reason: 'normal',
      state: 'TRAINED',
      model: 'seasonal-baseline',
      attribution: [],
      ...verdict(i++),
    }),
    feedback: () => {},
    outlook: ({ samples, horizon }) => new Float64Array(samples * horizon).fill(42),
    snapshot: () => new Uint8Array(0),
    byteSize: 0,
    dispose: () => {},
  }
}

describe('ForecastDetector', () => {
  it('is the inner detector, point by point and byte by byte, while there is no model', () => {
    const setup = setupWith()
    const plain = createDetector(setup, ['a'])
    const wrapped = new ForecastDetector(createDetector(setup, ['a']), setup, new ModelSlot(), [])
    for (let i = 0; i < 200; i++) expect(wrapped.step(pointAt(i))).toEqual(plain.step(pointAt(i)))
    expect(Buffer.from(wrapped.snapshot()).equals(Buffer.from(plain.snapshot()))).toBe(true)
    expect(wrapped.byteSize).toBe(plain.byteSize)
  })

  it("shows the model's band from the period after the first one that the model saw", () => {
    const slot = new ModelSlot()
    const detector = new ForecastDetector(
      scripted(() => ({})),
      setupWith(),
      slot,
      [],
    )
    expect(detector.step(pointAt(0)).model).toBe('seasonal-baseline')
    slot.current = model()
    expect(detector.step(pointAt(1)).model).toBe('seasonal-baseline')
    const shown = detector.step(pointAt(2))
    expect(shown).toMatchObject({ model: 'deepar', state: 'TRAINED_INSUFFICIENT_DATA' })
    const [input] = shown.inputs
    expect(input?.expected).not.toBe(100)
    expect(input?.lower).toBeLessThan(input?.expected ?? 0)
    expect(input?.upper).toBeGreaterThan(input?.expected ?? 0)
  })

  it('goes through missing periods and periods that were never handed over', () => {
    const slot = new ModelSlot()
    slot.current = model()
    const detector = new ForecastDetector(
      scripted(() => ({})),
      setupWith(),
      slot,
      [],
    )
    for (const i of [0, 1, 2]) detector.step(pointAt(i))
    const missing = detector.step(pointAt(3, Number.NaN))
    expect(missing.model).toBe('deepar')
    expect(missing.inputs[0]?.expected).toBeGreaterThan(0)
    expect(detector.step(pointAt(9)).model).toBe('deepar')
    // So long a silence that nothing of it is held any more: a new series.
    expect(detector.step(pointAt(50_000)).model).toBe('seasonal-baseline')
    expect(detector.step(pointAt(50_001)).model).toBe('deepar')
  })

  it('keeps anomalous values from the state when it is robust, and only then', () => {
    const bandAfterSpike = (robust: boolean, spike: number) => {
      const slot = new ModelSlot()
      slot.current = model()
      const verdict = (i: number) => (i === 20 ? { grade: 0.9, reason: 'anomalous_value' as const } : {})
      const detector = new ForecastDetector(scripted(verdict), setupWith({ robust }), slot, [])
      for (let i = 0; i < 20; i++) detector.step(pointAt(i))
      detector.step(pointAt(20, spike))
      return detector.step(pointAt(21)).inputs[0]?.expected
    }
    expect(bandAfterSpike(true, 1e6)).toBe(bandAfterSpike(true, 500))
    expect(bandAfterSpike(false, 125)).not.toBe(bandAfterSpike(false, 105))
  })

  it('auto: shows the band only of a model that won on held-back data, and only once it knows the series', () => {
    const shownBy = (macroWql: number) => {
      const slot = new ModelSlot()
      slot.current = model(1, macroWql)
      // A baseline so wide that no model is worse in the stream.
      const inner = scripted(() => ({}))
      const wide: SeriesDetector = {
        ...inner,
        step: (point) => {
          const scored = inner.step(point)
          return { ...scored, inputs: scored.inputs.map((input) => ({ ...input, lower: -1e6, upper: 1e6 })) }
        },
      }
      const detector = new ForecastDetector(wide, setupWith({ model: 'auto' }), slot, [])
      const season = 1440
      const models = Array.from({ length: season + 100 }, (_, i) => detector.step(pointAt(i)).model)
      return { early: models.slice(0, 8).includes('deepar'), late: models.at(-1) }
    }
    expect(shownBy(0.1)).toEqual({ early: false, late: 'deepar' })
    expect(shownBy(0.3)).toEqual({ early: false, late: 'seasonal-baseline' })
  })

  it('auto: goes back to the baseline of a series on which the model is worse', () => {
    const slot = new ModelSlot()
    slot.current = model()
    const inner = scripted(() => ({}))
    // A baseline that knows what will come.
    const perfect: SeriesDetector = {
      ...inner,
      step: (point) => {
        const scored = inner.step(point)
        const shift = (input: (typeof scored.inputs)[number]) => ({
          ...input,
          expected: input.value,
          lower: input.value - 0.1,
          upper: input.value + 0.1,
        })
        return { ...scored, inputs: scored.inputs.map(shift) }
      },
    }
    const detector = new ForecastDetector(perfect, setupWith({ model: 'auto' }), slot, [])
    const models = Array.from({ length: 1600 }, (_, i) => detector.step(pointAt(i)).model)
    expect(models.includes('deepar')).toBe(false)
  })

  it('raises a grade only where the inner detector is half convinced too', () => {
    const at = (verdict: Partial<ScoredPoint>, value: number) => {
      const slot = new ModelSlot()
      slot.current = model()
      const detector = new ForecastDetector(
        scripted((i) => (i === 60 ? verdict : {})),
        setupWith(),
        slot,
        [],
      )
      for (let i = 0; i < 60; i++) detector.step(pointAt(i))
      return detector.step(pointAt(60, value))
    }
    const wild = 1e9
    expect(at({ score: 0.9 }, wild)).toMatchObject({ reason: 'anomalous_value', score: 1 })
    expect(at({ score: 0.9 }, wild).grade).toBeGreaterThanOrEqual(0.5)
    expect(at({ score: 0.5 }, wild)).toMatchObject({ reason: 'normal', grade: 0, score: 0.5 })
    expect(at({ score: 0.9 }, 100)).toMatchObject({ reason: 'normal', grade: 0 })
    expect(at({ score: 0.9, reason: 'suppressed_rest' }, wild)).toMatchObject({ reason: 'suppressed_rest', grade: 0 })
    expect(at({ score: 3, grade: 0.9, reason: 'anomalous_shape' }, 100)).toMatchObject({ grade: 0.9 })
  })

  it('goes on from a snapshot bit for bit, and can be told apart from the inner one', () => {
    const setup = setupWith()
    const slot = new ModelSlot()
    slot.current = model()
    const detector = new ForecastDetector(createDetector(setup, ['a']), setup, slot, [])
    for (let i = 0; i < 150; i++) detector.step(pointAt(i))
    const bytes = detector.snapshot()
    const inner = (own: Uint8Array) => restoreDetector(setup, own)
    const again = ForecastDetector.restore(bytes, setup, slot, { inner, categories: [] })
    for (let i = 150; i < 200; i++) expect(again.step(pointAt(i))).toEqual(detector.step(pointAt(i)))
    expect(Buffer.from(again.snapshot()).equals(Buffer.from(detector.snapshot()))).toBe(true)
    // Options that want no model take the inner detector out of it.
    expect(inner(innerSnapshot(bytes)).byteSize).toBeGreaterThan(0)
    // Another model in the slot: the forecast starts anew.
    slot.current = model(2)
    const other = ForecastDetector.restore(bytes, setup, slot, { inner, categories: [] })
    expect(other.step(pointAt(150)).model).toBe('seasonal-baseline')
  })

  it('looks back on what it has seen when another model takes over', () => {
    const slot = new ModelSlot()
    slot.current = model(1)
    const detector = new ForecastDetector(
      scripted(() => ({})),
      setupWith(),
      slot,
      [],
    )
    for (let i = 0; i < 50; i++) detector.step(pointAt(i))
    slot.current = model(2)
    detector.step(pointAt(50))
    const fresh = new ForecastDetector(
      scripted(() => ({})),
      setupWith(),
      slot,
      [],
    )
    for (let i = 0; i <= 50; i++) fresh.step(pointAt(i))
    const [looksBack, knew] = [detector.step(pointAt(51)), fresh.step(pointAt(51))]
    expect(looksBack.model).toBe('deepar')
    expect(Math.abs((looksBack.inputs[0]?.expected ?? 0) - (knew.inputs[0]?.expected ?? 0))).toBeLessThan(20)
  })

  it('leaves series alone whose categories the model has never seen', () => {
    const slot = new ModelSlot()
    const detector = new ForecastDetector(
      scripted(() => ({})),
      setupWith({ categories: ['host'] }),
      slot,
      ['new'],
    )
    slot.current = model()
    for (let i = 0; i < 5; i++) expect(detector.step(pointAt(i)).model).toBe('seasonal-baseline')
  })
})
