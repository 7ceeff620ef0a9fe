import { describe, expect, it } from 'vitest'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'

function snapshot(): Uint8Array {
  const writer = new BinaryWriter('TEST', 2)
  writer.text('odd')
  writer.array(Float64Array.of(1.5, Number.NaN, -0))
  writer.bytes(Uint8Array.of(7, 8))
  return writer.finish()
}

describe('BinaryReader', () => {
  it.each([
    ['plain bytes', snapshot()],
    ['a Buffer', Buffer.from(snapshot())],
    ['a Buffer inside a larger one', Buffer.concat([Buffer.alloc(3), snapshot()]).subarray(3)],
  ])('reads arrays and copies of bytes from %s', (_, bytes) => {
    const reader = new BinaryReader(bytes, 'TEST', 2)
    expect(reader.version).toBe(2)
    expect(reader.text()).toBe('odd')
    expect([...reader.f64Array()]).toEqual([1.5, Number.NaN, -0])
    const copy = reader.bytes()
    expect(reader.atEnd()).toBe(true)
    bytes.fill(0)
    expect([...copy]).toEqual([7, 8])
  })

  it('refuses whatever is not whole, before anything of it is used', () => {
    const whole = snapshot()
    for (let length = 0; length < whole.length; length++) {
      expect(() => new BinaryReader(whole.subarray(0, length), 'TEST', 2)).toThrow(/cut short|checksum/)
    }
    for (let at = 0; at < whole.length; at++) {
      const damaged = Uint8Array.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x40
      expect(() => new BinaryReader(damaged, 'TEST', 2)).toThrow(/begin with|not known|checksum/)
    }
  })

  it('names what it reads, and refuses later versions', () => {
    expect(() => new BinaryReader(snapshot(), 'TEST', 1, 'state of web')).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_VERSION', where: 'state of web' }),
    )
    const reader = new BinaryReader(snapshot(), 'TEST', 2)
    reader.bytes()
    reader.bytes()
    reader.bytes()
    expect(() => reader.u8()).toThrow(expect.objectContaining({ code: 'SNAPSHOT_INVALID' }))
  })
})

it('sums up a nested snapshot by its own checksum, as if it had been read through', () => {
  const inner = snapshot()
  const plain = Uint8Array.from(inner)
  const nested = (blob: Uint8Array) => {
    const writer = new BinaryWriter('OUTR', 1)
    writer.text('before')
    writer.bytes(blob)
    writer.bytes(blob)
    writer.u16(7)
    return writer.finish()
  }
  expect(nested(inner)).toEqual(nested(plain))
  expect(new BinaryReader(nested(nested(inner)), 'OUTR', 1).text()).toBe('before')
  // What is changed after it was sealed is found.
  inner[8] = 0xff
  expect(() => new BinaryReader(nested(inner), 'OUTR', 1)).toThrow(/checksum/)
})
