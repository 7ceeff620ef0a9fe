import { describe, expect, it } from 'vitest'
import { DECODE_DEFAULTS, resolveDecodeOptions } from '../../../src/decode/options.ts'

describe('resolveDecodeOptions', () => {
  it('fills in defaults', () => {
    expect(resolveDecodeOptions()).toEqual(DECODE_DEFAULTS)
    expect(resolveDecodeOptions({ timestampUnit: 's' })).toEqual({ ...DECODE_DEFAULTS, timestampUnit: 's' })
  })

  it.each([
    [{ format: 'xml' }, 'decode.format'],
    [{ timestampUnit: 'm' }, 'decode.timestampUnit'],
    [{ maxFutureMs: -1 }, 'decode.maxFutureMs'],
    [{ maxFutureMs: Number.NaN }, 'decode.maxFutureMs'],
  ])('refuses %j, naming %s', (given, where) => {
    expect(() => resolveDecodeOptions(given as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', where }),
    )
  })
})
