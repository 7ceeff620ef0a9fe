import { describe, expect, it } from 'vitest'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { LIMITS } from '../../../src/core/limits.ts'
import { Bucket } from '../../../src/window/bucket.ts'
import { resolveWindowOptions, type WindowOptions } from '../../../src/window/options.ts'

const options = (given: Partial<WindowOptions> = {}) => resolveWindowOptions({ periodMs: 86_400_000, ...given })
const MANY = 10 * LIMITS.samplesPerBucket

describe('Bucket', () => {
  it('takes samples in any order, a duplicate once, and the newest word for an instant', () => {
    const bucket = new Bucket(0, 'raw')
    const outcomes = [
      bucket.add(2_000, 2, options()),
      bucket.add(1_000, 1, options()),
      bucket.add(3_000, 3, options()),
      bucket.add(2_000, 2, options()),
      bucket.add(3_000, 9, options()),
    ]
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'duplicate', 'replaced'])
    expect(bucket.newestMs).toBe(3_000)
    expect(bucket.close(undefined, options())).toEqual({ value: 4, sampleCount: 3, base: undefined })
  })

  it('folds a full bucket, and still gives exact sums and counts', () => {
    const bucket = new Bucket(0, 'raw')
    for (let i = 0; i < MANY; i++) expect(bucket.add(i * 1_000, i, options())).toBe('accepted')
    expect(bucket.add(0, 0, options())).toBe('late')
    expect(bucket.add((MANY - 1) * 1_000, MANY - 1, options())).toBe('duplicate')
    const closed = bucket.close(undefined, options({ statistic: 'Sum' }))
    expect(closed).toMatchObject({ value: (MANY * (MANY - 1)) / 2, sampleCount: MANY })
  })

  it('gives percentiles of a folded bucket within one per cent', () => {
    const percentile = options({ statistic: 'p90' })
    const bucket = new Bucket(0, 'raw')
    for (let i = 0; i < MANY; i++) bucket.add(i * 1_000, ((i * 7919) % MANY) + 1, percentile)
    const { value } = bucket.close(undefined, percentile)
    expect(Math.abs(value / (0.9 * MANY) - 1)).toBeLessThan(0.011)
  })

  it('counts a folded counter without a gap at the fold', () => {
    const bucket = new Bucket(0, 'cumulative')
    for (let i = 0; i < MANY; i++) bucket.add(i * 1_000, i * 5, options())
    const { value, base } = bucket.close({ timestampMs: -1_000, value: -5 }, options())
    expect(value).toBeCloseTo(5, 12)
    expect(base).toEqual({ timestampMs: (MANY - 1) * 1_000, value: (MANY - 1) * 5 })
  })

  it.each([10, MANY])('survives a snapshot with %d samples', (count) => {
    const bucket = new Bucket(0, 'raw')
    const percentile = options({ statistic: 'p99' })
    for (let i = 0; i < count; i++) bucket.add(i * 1_000, Math.sin(i), percentile)
    const writer = new BinaryWriter('TEST', 1)
    bucket.save(writer)
    const loaded = Bucket.load(new BinaryReader(writer.finish(), 'TEST', 1))
    for (const one of [bucket, loaded]) one.add(count * 1_000, 2, percentile)
    expect(loaded.close(undefined, percentile)).toEqual(bucket.close(undefined, percentile))
  })
})
