import { describe, expect, it } from 'vitest'
import { TidegaugeError } from '../../../src/core/errors.ts'
import type { FitOptions, Fitted } from '../../../src/forecast/deepar/fit.ts'
import type { DeepArModel } from '../../../src/forecast/deepar/model.ts'
import { decodeModel, encodeModel } from '../../../src/forecast/deepar/model-file.ts'
import type { SeriesRecord } from '../../../src/forecast/series-lines.ts'
import { silentLogger } from '../../../src/runtime/logger.ts'
import { Retraining, type RetrainingPorts } from '../../../src/runtime/retraining.ts'
import type { TelemetryEvent } from '../../../src/runtime/telemetry.ts'
import { smallConfig, untrainedModel } from '../../support/deepar-models.ts'

const HOUR = 3_600_000
const SETTINGS = { pipeline: 'p', periodMs: HOUR, horizon: 12, everyMs: 10 * HOUR, historyMs: 100 * HOUR, steps: 120 }
const RECORD: SeriesRecord = {
  itemId: 'm',
  start: '',
  startMs: 0,
  target: Float64Array.of(1, 2, 3),
  categories: [],
  dynamic: [],
}

interface Scene {
  /** Macro wQL of the challenger; seasonal naive has 0.1. */
  readonly loss?: number
  readonly championLoss?: number
  readonly heldBackWindows?: number
  readonly active?: DeepArModel
  readonly ports?: Partial<RetrainingPorts>
}

function scene({ loss = 0.05, championLoss = Number.NaN, heldBackWindows = 8, active, ports = {} }: Scene = {}) {
  const events: TelemetryEvent[] = []
  const asked: { fromMs?: number; options?: FitOptions } = {}
  const published: Uint8Array[] = []
  const told: string[] = []
  let nowMs = 1_000 * HOUR
  const trained = untrainedModel(smallConfig())
  const record = { ...trained.record, macroWql: loss, macroWqlSeasonalNaive: 0.1, heldBackWindows }
  const fitted: Fitted = { model: { ...trained, record }, ignored: [], skippedBatches: 0, championLoss }
  const retraining = new Retraining(SETTINGS, {
    isOurs: () => true,
    history: async (fromMs) => {
      asked.fromMs = fromMs
      return [RECORD]
    },
    train: async (_, options, onProgress) => {
      asked.options = options
      for (let step = 1; step <= 120; step++) onProgress({ step, steps: 120, loss: 1, elapsedMs: 0 } as never)
      return fitted
    },
    probe: async () => {},
    unavailable: (detail) => told.push(detail),
    catalog: {
      active: async () => active && { version: 3, bytes: encodeModel(active) },
      publish: async (_, bytes) => published.push(bytes),
    },
    clock: { nowMs: () => nowMs },
    telemetry: { emit: (event) => events.push(event) },
    logger: silentLogger,
    ...ports,
  })
  const pass = (hours: number) => {
    nowMs += hours * HOUR
    retraining.check()
    return retraining.settled()
  }
  const rounds = () => events.filter(({ type }) => type === 'retraining_ended')
  return { retraining, events, asked, published, told, pass, rounds }
}

const fails = (error: Error) => ({ ports: { train: () => Promise.reject(error) } })

describe('Retraining', () => {
  it.each([
    ['published', {}],
    ['baseline_better', { loss: 0.0995 }],
    ['baseline_better', { loss: Number.NaN }],
    ['champion_better', { active: untrainedModel(smallConfig()), championLoss: 0.0502 }],
    ['published', { active: untrainedModel(smallConfig()), championLoss: 0.06 }],
    ['too_little_data', { heldBackWindows: 0 }],
    ['too_little_data', fails(new TidegaugeError('INPUT_INVALID', 'nothing'))],
    ['unavailable', fails(new TidegaugeError('BACKEND_MISSING', 'no library'))],
    ['unavailable', { ports: { history: undefined } }],
    ['failed', fails(new Error('a bug'))],
  ] as const)('ends as %s (%j), and publishes only then', async (outcome, given) => {
    const { retraining, published, rounds } = scene(given as Scene)
    expect(await retraining.run()).toBe(outcome)
    expect(rounds()).toMatchObject([{ pipeline: 'p', outcome }])
    expect(published.length).toBe(outcome === 'published' ? 1 : 0)
  })

  it('reads as far back as it was told, tells its progress, and publishes what was trained', async () => {
    const { retraining, asked, events, published } = scene()
    await retraining.run()
    expect(asked.fromMs).toBe(900 * HOUR)
    expect(asked.options).toMatchObject({ horizon: 12, steps: 120, frequency: { text: 'h' } })
    expect(asked.options?.warmStart).toBeUndefined()
    const steps = events.flatMap((event) => (event.type === 'retraining_progressed' ? [event.step] : []))
    expect(steps).toEqual([50, 100, 120])
    expect(decodeModel(published[0]!, 'test').record.macroWql).toBe(0.05)
  })

  it('tells how champion and challenger compare, and when the round ended', async () => {
    const { retraining, events } = scene({ active: untrainedModel(smallConfig()), championLoss: 0.06 })
    await retraining.run()
    expect(events.slice(-2)).toEqual([
      { type: 'retraining_compared', pipeline: 'p', challenger: 0.05, champion: 0.06, seasonalNaive: 0.1 },
      { type: 'retraining_ended', pipeline: 'p', outcome: 'published', durationMs: 0, atMs: 1_000 * HOUR },
    ])
    const unmeasured = scene({ heldBackWindows: 0 })
    await unmeasured.retraining.run()
    expect(unmeasured.events.filter(({ type }) => type === 'retraining_compared')).toEqual([])
  })

  it('goes on from the active model where it can, and begins anew where it cannot', async () => {
    const same = scene({ active: untrainedModel(smallConfig()), championLoss: 0.2 })
    await same.retraining.run()
    expect(same.asked.options?.warmStart?.config.horizon).toBe(12)
    const other = scene({ active: untrainedModel({ ...smallConfig(), horizon: 6 }) })
    expect(await other.retraining.run()).toBe('published')
    expect(other.asked.options?.warmStart).toBeUndefined()
    const unknown = scene({ active: untrainedModel(smallConfig({}, [2])) })
    await unknown.retraining.run()
    expect(unknown.asked.options?.warmStart).toBeUndefined()
  })

  it('says at the start that nothing can be trained here, once, and trains no more', async () => {
    const missing = () => Promise.reject(new TidegaugeError('BACKEND_MISSING', 'libtensorflow.so: not there'))
    const { retraining, told, pass, rounds, events } = scene({ ports: { probe: missing, train: missing } })
    await retraining.probe()
    await pass(10)
    expect(told).toEqual([expect.stringContaining('bands, forecasts and alarms go on')])
    expect(rounds()).toEqual([])
    expect(events).toEqual([{ type: 'error_raised', code: 'BACKEND_MISSING', component: 'forecast' }])
  })

  it('is due once an interval of the clock, in the process whose turn it is, until it is stopped', async () => {
    let ours = true
    const { retraining, pass, rounds } = scene({ ports: { isOurs: () => ours } })
    await pass(5)
    expect(rounds()).toHaveLength(0)
    await pass(5)
    await pass(1)
    expect(rounds()).toHaveLength(1)
    ours = false
    await pass(10)
    expect(rounds()).toHaveLength(1)
    ours = true
    await pass(1)
    expect(rounds()).toHaveLength(2)
    retraining.stop()
    await pass(10)
    expect(rounds()).toHaveLength(2)
  })
})
