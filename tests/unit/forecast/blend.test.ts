import { describe, expect, it } from 'vitest'
import { blendForecasts, chooseBlend, type Duel } from '../../../src/forecast/blend.ts'

const at = (value: number) => ({
  levels: [0.1, 0.5, 0.9],
  quantiles: [value - 1, value, value + 1].map((one) => Float64Array.of(one)),
  mean: Float64Array.of(value),
})
const duel = (itemId: string, champion: number, challenger: number): Duel => ({
  itemId,
  champion: at(champion),
  challenger: at(challenger),
  truth: Float64Array.of(0),
  scale: 1,
})
const items = (count: number, champion: number, challenger: number, name = 'i') =>
  Array.from({ length: count }, (_, i) => duel(`${name}${i}`, champion, challenger))

describe('chooseBlend', () => {
  it('leaves the champion alone where it is better', () => {
    expect(chooseBlend(items(10, 0, 20)).overall).toBe(0)
  })

  it('gives way to a challenger that is better', () => {
    expect(chooseBlend(items(10, 20, 0)).overall).toBe(1)
  })

  it('mixes forecasts that err to opposite sides', () => {
    expect(chooseBlend(items(10, 10, -10)).overall).toBe(0.5)
  })

  it('decides an item by itself where its own windows say so clearly', () => {
    const odd = Array.from({ length: 8 }, () => duel('odd', 60, 0))
    const { overall, items: own } = chooseBlend([...items(30, 2, 6), ...odd])
    expect(overall).toBe(0)
    expect(own.get('odd')).toBeGreaterThan(0)
  })

  it('knows nothing from windows without truth', () => {
    expect(chooseBlend([{ ...duel('a', 0, 1), truth: Float64Array.of(Number.NaN) }]).overall).toBe(0)
  })
})

it('blends quantile by quantile', () => {
  const mixed = blendForecasts(at(0), at(8), 0.25)
  expect(mixed.quantiles.map((values) => values[0])).toEqual([1, 2, 3])
  expect(mixed.mean[0]).toBe(2)
})
