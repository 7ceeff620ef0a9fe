import { expect, test } from 'vitest'
import { AlertGate, type GateOptions } from '../../../src/band/alert-gate.ts'
import type { WeighedPoint } from '../../../src/band/evidence.ts'

const THRESHOLD = 7

function gate(change: Partial<GateOptions> = {}): AlertGate {
  return new AlertGate({ threshold: THRESHOLD, levelShift: 'alertOnce', learning: 10, ...change })
}

function of(amount: number): WeighedPoint {
  return { amount, present: amount, kind: 'anomalous_value' }
}

/** Calm points. */
function calm(target: AlertGate, points: number): void {
  for (let i = 0; i < points; i++) target.step(of(0.3), true)
}

test('nothing is anomalous while learning, whatever the evidence', () => {
  const target = gate()
  for (let i = 0; i < 10; i++) expect(target.step(of(100), true)).toMatchObject({ grade: 0, reason: 'learning' })
  expect(target.step(of(100), true).grade).toBeGreaterThan(0.9)
})

test('the grade is one half at the threshold and grows with the evidence', () => {
  const grades = [THRESHOLD, 2 * THRESHOLD, 10 * THRESHOLD].map((amount) => {
    const target = gate()
    calm(target, 50)
    return target.step(of(amount), true).grade
  })
  expect(grades[0]).toBeCloseTo(0.5, 9)
  expect(grades[1]).toBeCloseTo(0.875, 9)
  expect(grades[2]).toBeCloseTo(0.995, 9)
})

test('a spike right after the first one is not masked when it is much stronger', () => {
  const target = gate()
  calm(target, 50)
  expect(target.step(of(8), true).grade).toBeGreaterThan(0)
  calm(target, 1)
  expect(target.step(of(30), true)).toMatchObject({ reason: 'anomalous_value' })
})

test('a lasting change is one alert, or as many as it lasts', () => {
  const once = gate()
  const keep = gate({ levelShift: 'keepAlerting' })
  calm(once, 50)
  calm(keep, 50)
  const count = (target: AlertGate): number => {
    let graded = 0
    for (let i = 0; i < 60; i++) if (target.step(of(9), true).grade > 0) graded++
    return graded
  }
  expect(count(keep)).toBe(60)
  expect(count(once)).toBeLessThan(40)
  expect(once.step(of(7.5), true).reason).toMatch(/^suppressed_/)
})

test('a point that a rule lets pass begins no event', () => {
  const target = gate()
  calm(target, 50)
  expect(target.step(of(50), false).grade).toBe(0)
  expect(target.step(of(8), true).grade).toBeGreaterThan(0)
})

test('the score of what goes on ranks below a new event and above calm', () => {
  const target = gate()
  calm(target, 50)
  const quiet = target.step(of(0.3), true).score
  const onset = target.step(of(9), true).score
  const later = target.step(of(9), true).score
  expect(onset).toBeCloseTo(9 / THRESHOLD, 9)
  expect(later).toBeLessThan(onset)
  expect(later).toBeGreaterThan(quiet)
})

test('what a person tolerates is not anomalous, what is stronger still is', () => {
  const target = gate()
  calm(target, 50)
  target.tolerate(10)
  expect(target.step(of(10.5), true).grade).toBe(0)
  expect(target.step(of(12), true).grade).toBeGreaterThan(0)
})
