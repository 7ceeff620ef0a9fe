import { describe, expect, it } from 'vitest'
import { chooseBlend, type HeldBackWindow, MEMBERS, mixForecasts, NETWORK_ALONE } from '../../../src/forecast/blend.ts'

const at = (value: number) => ({
  levels: [0.1, 0.5, 0.9],
  quantiles: [value - 1, value, value + 1].map((one) => Float64Array.of(one)),
  mean: Float64Array.of(value),
})
/** The truth is 0; the network says `network`, seasonal naive `naive`, all others are far off. */
const window = (itemId: string, network: number, naive: number, truth = 0): HeldBackWindow => ({
  itemId,
  members: MEMBERS.map((name) => at(name === 'deepar' ? network : name === 'seasonal-naive' ? naive : 500)),
  truth: Float64Array.of(truth),
})
const items = (count: number, network: number, naive: number) =>
  Array.from({ length: count }, (_, i) => window(`i${i}`, network, naive))
const share = (shares: readonly number[], name: (typeof MEMBERS)[number]) => shares[MEMBERS.indexOf(name)]!

describe('chooseBlend', () => {
  it('leaves the network alone where it is better than all others', () => {
    expect(share(chooseBlend(items(10, 0, 60)).overall, 'deepar')).toBeGreaterThan(0.95)
  })

  it('gives way to a classic that is better', () => {
    expect(share(chooseBlend(items(10, 60, 0)).overall, 'seasonal-naive')).toBeGreaterThan(0.95)
  })

  it('mixes forecasts that err to opposite sides', () => {
    const { overall } = chooseBlend(items(10, 10, -10))
    for (const name of ['deepar', 'seasonal-naive'] as const) {
      expect(share(overall, name)).toBeGreaterThan(0.4)
      expect(share(overall, name)).toBeLessThan(0.6)
    }
  })

  it('gives an item shares of its own, and believes several windows more than one', () => {
    const odd = (count: number) => Array.from({ length: count }, () => window('odd', 6, 2))
    const shareOf = (count: number) =>
      share(chooseBlend([...items(40, 2, 6), ...odd(count)]).items.get('odd')!, 'seasonal-naive')
    const general = share(chooseBlend(items(40, 2, 6)).overall, 'seasonal-naive')
    expect(shareOf(1)).toBeGreaterThan(general)
    expect(shareOf(4)).toBeGreaterThan(shareOf(1))
  })

  it('gives shares that are together 1, none of them too small to matter', () => {
    const { overall, items: own } = chooseBlend([...items(10, 3, 4), window('odd', 9, -4)])
    for (const shares of [overall, ...own.values()]) {
      expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 2)
      expect(shares.every((one) => one === 0 || one >= 0.02)).toBe(true)
    }
  })

  it('knows nothing from windows without truth', () => {
    expect(chooseBlend([window('a', 0, 1, Number.NaN)])).toEqual(NETWORK_ALONE)
  })
})

it('mixes quantile by quantile, and asks nobody without a share', () => {
  const mixed = mixForecasts([at(0), at(8), undefined], [0.75, 0.25, 0])
  expect(mixed.quantiles.map((values) => values[0])).toEqual([1, 2, 3])
  expect(mixed.mean[0]).toBe(2)
})
