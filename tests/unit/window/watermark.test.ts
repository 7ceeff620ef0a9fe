import { describe, expect, it } from 'vitest'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { Watermark } from '../../../src/window/watermark.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = 1_700_000_000_000
const OPTIONS = { latenessMs: 30_000, periodMs: MINUTE, maxJumpMs: HOUR }

function observed(...times: readonly number[]): Watermark {
  const watermark = new Watermark(OPTIONS)
  for (const time of times) watermark.observe(START + time)
  return watermark
}

describe('Watermark', () => {
  it('follows the newest event time, less the lateness, and never goes back', () => {
    expect(observed().ms).toBe(Number.NEGATIVE_INFINITY)
    expect(observed(0).ms).toBe(START - 30_000)
    expect(observed(0, 5_000, 2_000).ms).toBe(START - 25_000)
    expect(observed(0, HOUR).newestMs).toBe(START + HOUR)
  })

  it('does not believe a clock that is far ahead of the others', () => {
    const watermark = observed(0)
    for (let minute = 1; minute < 100; minute++) {
      watermark.observe(START + minute * MINUTE)
      watermark.observe(START + minute * MINUTE)
      watermark.observe(START + minute * MINUTE + 5 * HOUR)
      expect(watermark.newestMs).toBe(START + minute * MINUTE)
    }
  })

  it('believes a jump of the whole stream once it has gone on for a period', () => {
    const watermark = observed(0, 10 * HOUR, 10 * HOUR + 1, 10 * HOUR + MINUTE - 1)
    expect(watermark.newestMs).toBe(START)
    watermark.observe(START + 10 * HOUR + MINUTE)
    expect(watermark.newestMs).toBe(START + 10 * HOUR + MINUTE)
  })

  it('believes the majority when few lag behind the jump', () => {
    const watermark = observed(0)
    for (let minute = 0; minute <= 1; minute++) {
      for (let i = 0; i < 5; i++) watermark.observe(START + 10 * HOUR + minute * MINUTE)
      watermark.observe(START + minute * MINUTE)
    }
    expect(watermark.newestMs).toBe(START + 10 * HOUR + MINUTE)
  })

  it('survives a snapshot in the middle of a doubt', () => {
    const watermark = observed(0, 10 * HOUR)
    const writer = new BinaryWriter('TEST', 1)
    watermark.save(writer)
    const loaded = new Watermark(OPTIONS)
    loaded.load(new BinaryReader(writer.finish(), 'TEST', 1))
    expect(loaded.newestMs).toBe(START)
    loaded.observe(START + 10 * HOUR + MINUTE)
    expect(loaded.newestMs).toBe(START + 10 * HOUR + MINUTE)
  })

  it('follows a clock however far, and never backwards', () => {
    const watermark = observed(0)
    watermark.advance(START + 10 * HOUR)
    expect(watermark.newestMs).toBe(START + 10 * HOUR)
    watermark.advance(START)
    expect(watermark.newestMs).toBe(START + 10 * HOUR)
  })

  it('refuses a jump that is none', () => {
    expect(() => new Watermark({ ...OPTIONS, maxJumpMs: 0 })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', where: 'window.maxJumpMs' }),
    )
  })
})
