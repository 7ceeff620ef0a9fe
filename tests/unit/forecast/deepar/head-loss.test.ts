import { describe, expect, it } from 'vitest'
import { applyCopies, headLoss } from '../../../../src/forecast/deepar/head-loss.ts'
import { makeBatch } from '../../../../src/forecast/deepar/windows.ts'
import { smallConfig } from '../../../support/deepar-models.ts'

describe('applyCopies', () => {
  it('adds the gated mixture of lags to the location', () => {
    const head = Float64Array.of(1, 0, 0, 0, 50, 0)
    const weights = new Float64Array(3)
    const moved = applyCopies(2, head, 0, 3, Float64Array.of(7, 9), 0, weights)
    expect(moved).toBeCloseTo(7, 9)
    expect(head[0]).toBeCloseTo(8, 9)
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12)
  })
})

describe('headLoss', () => {
  const config = smallConfig({ context: 2 })
  const width = 3 + config.copied + 1
  const batch = { ...makeBatch({ ...config, horizon: 1, context: 2 }, 1, 10), steps: 2 }

  it('lets a masked step cost nothing and move nothing', () => {
    batch.weights.fill(0)
    const { loss, gradient } = headLoss(config, new Float32Array(2 * width), width, 10, batch)
    expect(loss).toBeCloseTo(0)
    expect(gradient.every((value) => value === 0)).toBe(true)
  })

  it('keeps masked steps in the divisor', () => {
    batch.weights.set([1, 0])
    const half = headLoss(config, new Float32Array(2 * width), width, 10, batch).loss
    batch.weights.set([1, 1])
    expect(headLoss(config, new Float32Array(2 * width), width, 10, batch).loss).toBeCloseTo(2 * half, 9)
  })

  it('stays finite for a target of 1e30', () => {
    batch.weights.fill(1)
    batch.targets.fill(1e30)
    const { loss, gradient } = headLoss(config, new Float32Array(2 * width), width, 10, batch)
    expect(Number.isFinite(loss)).toBe(true)
    expect(gradient.every((value) => Number.isFinite(value))).toBe(true)
  })
})
