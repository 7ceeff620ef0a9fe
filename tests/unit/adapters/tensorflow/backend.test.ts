import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadTensorflow } from '../../../../src/adapters/tensorflow/backend.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..')

it('loads TensorFlow and computes with it', () => {
  const loaded = loadTensorflow()
  if (!loaded.ok) throw loaded.error
  expect(loaded.value.matMul([[2]], [[3]]).dataSync()[0]).toBe(6)
})

/** A copy of the sources beside all packages but TensorFlow's. */
function cloneWithoutTensorflow(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-without-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@tensorflow') symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  }
  return folder
}

it('without the library, says what is missing, trains nothing, and forecasts with a model all the same', () => {
  const script = `
    const { startForecasting } = await import('./src/app/forecasting/engine.ts')
    const { defaultConfig } = await import('./src/forecast/deepar/defaults.ts')
    const { initialParameters } = await import('./src/forecast/deepar/parameters.ts')
    const { parseFrequency } = await import('./src/forecast/frequency.ts')
    const { Rng } = await import('./src/core/rng.ts')
    const { NOT_CALIBRATED } = await import('./src/forecast/conformal.ts')
    const { NETWORK_ALONE } = await import('./src/forecast/blend.ts')
    const hourly = parseFrequency('h')
    const target = Float64Array.from({ length: 200 }, (_, t) => 10 + Math.sin(t / 4))
    const series = [{ itemId: 'a', startMs: 0, target, categories: [], dynamic: [] }]
    const config = defaultConfig(hourly, 6, series, [], {})
    const model = { config, weights: initialParameters(config, new Rng(1)), calibration: NOT_CALIBRATED, categories: [],
      blend: NETWORK_ALONE, record: { macroWql: 0, macroWqlSeasonalNaive: 0, coverage: [], heldBackWindows: 0, series: 1, steps: 0, seed: 1 } }
    const worker = startForecasting()
    const refusals = []
    for (const work of [() => worker.probe(), () => worker.fit(series, { frequency: hourly, horizon: 6, steps: 10 })]) {
      await work().catch(({ code, message, hint }) => refusals.push({ code, message, hint }))
    }
    const [found] = await worker.forecast(model, series, { horizon: 6, samples: 20, seed: 1, levels: [0.5] })
    await worker.close()
    console.log(JSON.stringify({ refusals, mean: [...found.forecast.mean] }))`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const output = execFileSync(process.execPath, args, { cwd: cloneWithoutTensorflow(), encoding: 'utf8' })
  const { refusals, mean } = JSON.parse(output)
  expect(refusals).toHaveLength(2)
  for (const { code, message, hint } of refusals) {
    expect(code).toBe('BACKEND_MISSING')
    expect(message).toMatch(/Cannot find module '@tensorflow\/tfjs-node'/)
    expect(hint).toMatch(/npm run setup/)
  }
  expect(mean).toHaveLength(6)
  expect(mean.every((value: number) => value > 5 && value < 15)).toBe(true)
})
