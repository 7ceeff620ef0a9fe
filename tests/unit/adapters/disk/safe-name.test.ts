import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeName, unsafeName } from '../../../../src/adapters/disk/safe-name.ts'

describe('safeName', () => {
  it.each([
    ['web-01_x', 'web-01_x'],
    ['..', '%2e%2e'],
    ['a.b', 'a%2eb'],
    ['Web', '%57eb'],
    ['a b%', 'a%20b%25'],
    ['é', '%c3%a9'],
    ['a\u0000b', 'a%00b'],
  ])('%j becomes %j', (text, name) => {
    expect(safeName(text)).toBe(name)
    expect(unsafeName(name)).toBe(text)
  })

  it('is reversible, harmless and different for different texts, upper and lower case too', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 15 })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(safeName(a)).toMatch(/^[a-z0-9_%-]+$/)
        expect(unsafeName(safeName(a))).toBe(a)
        expect(safeName(a).toLowerCase() === safeName(b).toLowerCase()).toBe(a === b)
      }),
    )
  })

  it('refuses what no file can be called', () => {
    expect(() => safeName('')).toThrow(/0 bytes/)
    expect(() => safeName('x'.repeat(241))).toThrow(/241 bytes/)
    expect(safeName('x'.repeat(240))).toHaveLength(240)
  })

  it.each(['UPPER', 'a.b', '%4', '%zz', ''])('knows that %j is not one of its names', (name) => {
    expect(unsafeName(name)).toBeUndefined()
  })
})
