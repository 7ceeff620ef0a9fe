import type { KafkaMessage } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { LaneBuffer } from '../../../../src/adapters/kafka/lane-buffer.ts'

const message = (bytes: number) => ({ key: null, value: Buffer.alloc(bytes) }) as unknown as KafkaMessage

describe('the buffer of a lane', () => {
  it('is full above its limit, and free again at half of it, the batch in hand included', () => {
    const buffer = new LaneBuffer()
    for (let i = 0; i < 3; i++) buffer.push([message(20), message(20)], 0n, 100)
    expect(buffer.isFull).toBe(true)
    const first = buffer.shift()!
    expect(first.bytes).toBe(40)
    expect(buffer.isFull).toBe(true)
    buffer.done(first, 100)
    expect(buffer.isFull).toBe(true)
    buffer.done(buffer.shift()!, 100)
    expect(buffer.isFull).toBe(false)
  })

  it('is empty when what was in hand is done', () => {
    const buffer = new LaneBuffer()
    expect(buffer.isEmpty).toBe(true)
    buffer.push([message(20)], 0n, 100)
    const inHand = buffer.shift()!
    expect(buffer.isEmpty).toBe(false)
    buffer.done(inHand, 100)
    expect(buffer.isEmpty).toBe(true)
  })

  it('forgets everything when cleared', () => {
    const buffer = new LaneBuffer()
    buffer.push([message(200)], 0n, 100)
    buffer.clear()
    expect([buffer.isFull, buffer.shift()]).toEqual([false, undefined])
  })
})
