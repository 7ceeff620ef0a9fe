import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as special from '../../../src/core/special-functions.ts'

/** Made by mpmath with 30 digits; each row is the arguments and the value. */
const reference = JSON.parse(
  readFileSync(new URL('./fixtures/special-functions.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly (readonly number[])[] | string>>

const functions: Readonly<Record<string, (...args: number[]) => number>> = {
  lgamma: special.lgamma,
  digamma: special.digamma,
  erfc: special.erfc,
  normalCdf: special.normalCdf,
  normalQuantile: special.normalQuantile,
  betaI: special.betaI,
  studentTCdf: special.studentTCdf,
  gammaQ: special.gammaQ,
}

describe.each(Object.entries(functions))('%s', (name, compute) => {
  const rows = reference[name] as readonly (readonly number[])[]

  it.each(rows.map((row) => ({ args: row.slice(0, -1), value: row.at(-1) ?? Number.NaN })))(
    'of $args',
    ({ args, value }) => {
      const error = Math.abs(compute(...args) - value) / Math.max(Math.abs(value), 1e-300)
      // At 0 only the absolute error means something.
      expect(value === 0 ? Math.abs(compute(...args)) : error).toBeLessThan(2e-12)
    },
  )
})

describe('studentTQuantile', () => {
  it.each([0.0001, 0.05, 0.3, 0.5, 0.9, 0.99999])('undoes the distribution function at %d', (p) => {
    for (const df of [2.1, 5, 40]) expect(special.studentTCdf(special.studentTQuantile(p, df), df)).toBeCloseTo(p, 10)
  })
})
