import { describe, expect, it } from 'vitest'
import { RecentMap } from '../../../src/decode/recent-map.ts'

describe('RecentMap', () => {
  it('never holds more than twice its capacity, and keeps the newest', () => {
    const map = new RecentMap<number>(10)
    for (let i = 0; i < 1_000; i++) {
      map.set(`k${i}`, i)
      expect(map.size).toBeLessThanOrEqual(20)
      for (let back = 0; back < Math.min(10, i + 1); back++) expect(map.get(`k${i - back}`)).toBe(i - back)
    }
    expect(map.get('k0')).toBeUndefined()
  })

  it('keeps what is used, however much passes by', () => {
    const map = new RecentMap<number>(10)
    map.set('kept', 1)
    for (let i = 0; i < 1_000; i++) {
      map.set(`k${i}`, i)
      expect(map.get('kept')).toBe(1)
    }
  })
})
