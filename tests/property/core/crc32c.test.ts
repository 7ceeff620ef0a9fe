import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32c, crc32cJoined } from '../../../src/core/crc32c.ts'

it('of two runs of bytes is that of both, wherever the cut is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.nat(3_000), (bytes, at) => {
      const cut = Math.min(at, bytes.length)
      const joined = crc32cJoined(crc32c(bytes, 0, cut), crc32c(bytes, cut), bytes.length - cut)
      expect(joined).toBe(crc32c(bytes))
    }),
  )
})

it('takes runs of any length', () => {
  const bytes = new Uint8Array(9_000_000).fill(0xa7)
  expect(crc32cJoined(crc32c(bytes, 0, 11), crc32c(bytes, 11), bytes.length - 11)).toBe(crc32c(bytes))
})
