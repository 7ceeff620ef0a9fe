import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Extents } from '../../../src/forest/extents.ts'

describe('extents', () => {
  it('are the first that are large enough, and come back joined', () => {
    const extents = new Extents(100, 1_000)
    const [a, b, c, d] = [extents.take(10), extents.take(20), extents.take(30), extents.take(5)]
    expect([a, b, c, d]).toEqual([100, 110, 130, 160])
    extents.give(a!, 10)
    extents.give(c!, 30)
    expect(extents.take(25)).toBe(130)
    extents.give(b!, 20)
    expect(extents.take(30)).toBe(100)
    expect(extents.end).toBe(165)
  })

  it('give back the end', () => {
    const extents = new Extents(0, 100)
    const [a, b] = [extents.take(60), extents.take(40)]
    expect(extents.hasRoom(1)).toBe(false)
    extents.give(a!, 60)
    expect(extents.hasRoom(61)).toBe(false)
    extents.give(b!, 40)
    expect(extents.end).toBe(0)
    expect(extents.hasRoom(100)).toBe(true)
  })

  it('never overlap, and are all free once all are given back', () => {
    const steps = fc.array(fc.oneof(fc.record({ take: fc.integer({ min: 1, max: 9 }) }), fc.record({ give: fc.nat() })))
    fc.assert(
      fc.property(steps, (actions) => {
        const extents = new Extents(0, 10_000)
        const held: { start: number; bytes: number }[] = []
        for (const action of actions) {
          if ('take' in action) {
            const made = { start: extents.take(action.take), bytes: action.take }
            for (const { start, bytes } of held) {
              expect(made.start >= start + bytes || made.start + made.bytes <= start).toBe(true)
            }
            held.push(made)
          } else if (held.length > 0) {
            const [gone] = held.splice(action.give % held.length, 1)
            extents.give(gone!.start, gone!.bytes)
          }
          expect(extents.end).toBe(Math.max(0, ...held.map(({ start, bytes }) => start + bytes)))
        }
        for (const { start, bytes } of held) extents.give(start, bytes)
        expect(extents.end).toBe(0)
      }),
    )
  })
})
