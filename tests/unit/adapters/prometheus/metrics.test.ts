import { describe, expect, it } from 'vitest'
import { METRICS } from '../../../../src/adapters/prometheus/metrics.ts'
import { SERIES_METRICS } from '../../../../src/adapters/prometheus/series-metrics.ts'

const specs = Object.values(METRICS)

describe('METRICS', () => {
  it.each(specs.map((spec) => [spec.name, spec] as const))('%s follows the naming rules', (name, spec) => {
    expect(name).toMatch(/^tidegauge_[a-z]+(_[a-z]+)*$/)
    expect(name.endsWith('_total')).toBe(spec.kind === 'counter')
    expect(name).not.toMatch(/_(ms|milliseconds|kb|mb)\b/)
    expect(spec.help).toMatch(/^[A-Z].*\.$/)
    for (const label of spec.labels) expect(label).toMatch(/^[a-z]+(_[a-z]+)*$/)
  })

  it('has no name twice', () => {
    const names = [...specs, ...Object.values(SERIES_METRICS)].map((spec) => spec.name)
    expect(new Set(names).size).toBe(names.length)
    const aliases = Object.values(SERIES_METRICS).map((spec) => spec.vmanomaly)
    expect(new Set(aliases).size).toBe(aliases.length)
  })
})
