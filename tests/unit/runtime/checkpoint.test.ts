import { describe, expect, it } from 'vitest'
import { CheckpointStore } from '../../../src/runtime/checkpoint.ts'
import { MemoryStore } from '../../support/memory-store.ts'

const part = (name: string, size = 8) => ({ name, bytes: new Uint8Array(size).fill(name.length) })
const between = async () => {}

async function saved(...offsets: number[]) {
  const store = new MemoryStore()
  const checkpoints = new CheckpointStore(store)
  for (const offset of offsets) {
    const parts = [part('head'), part(`series-${offset}`), part('big', 5_000_000), part('bigger', 300)]
    await checkpoints.save('p/t-0', { offset: BigInt(offset), fingerprint: 7, parts }, between)
  }
  return { store, checkpoints }
}

describe('CheckpointStore', () => {
  it('gives back what was written, over several blobs', async () => {
    const { checkpoints, store } = await saved(10)
    const { checkpoint, refused } = await checkpoints.load('p/t-0', 7, 10n)
    expect(refused).toEqual([])
    expect(checkpoint?.offset).toBe(10n)
    expect(checkpoint?.parts.map((p) => p.name)).toEqual(['head', 'series-10', 'big', 'bigger'])
    expect(Buffer.compare(checkpoint?.parts[2]?.bytes ?? Buffer.of(), part('big', 5_000_000).bytes)).toBe(0)
    expect([...store.blobs.keys()].length).toBeGreaterThan(2)
  })

  it('counts series without the head and calls between blobs', async () => {
    let calls = 0
    const checkpoints = new CheckpointStore(new MemoryStore())
    const state = { offset: 1n, fingerprint: 7, parts: [part('head'), part('a', 5_000_000), part('b')] }
    const written = await checkpoints.save('t', state, async () => {
      calls++
    })
    expect(written.series).toBe(2)
    expect(calls).toBe(2)
  })

  it('keeps two generations and takes the newest', async () => {
    const { checkpoints, store } = await saved(10, 20, 30)
    expect((await checkpoints.load('p/t-0', 7, 99n)).checkpoint?.offset).toBe(30n)
    const generations = new Set([...store.blobs.keys()].map((name) => name.split('/')[2]))
    expect(generations.size).toBe(2)
  })

  it('falls back to the older one when the newest is damaged, and says so', async () => {
    const { checkpoints, store } = await saved(10, 20)
    const newest =
      [...store.blobs.keys()]
        .sort()
        .filter((name) => !name.endsWith('manifest'))
        .at(-1) ?? ''
    store.blobs.get(newest)?.set([0xff], 100)
    const { checkpoint, refused } = await checkpoints.load('p/t-0', 7, 99n)
    expect(checkpoint?.offset).toBe(10n)
    expect(refused.map((r) => r.reason)).toEqual(['damaged'])
    expect(refused[0]?.detail).toContain(newest)
  })

  it('does not count a checkpoint whose manifest was never written', async () => {
    const { checkpoints, store } = await saved(10, 20)
    store.blobs.delete('p/t-0/0000000002/manifest')
    expect((await checkpoints.load('p/t-0', 7, 99n)).checkpoint?.offset).toBe(10n)
  })

  it('refuses one that is cut short, of other options, or ahead of the commit', async () => {
    const { checkpoints, store } = await saved(10, 20)
    expect((await checkpoints.load('p/t-0', 7, 15n)).refused.map((r) => r.reason)).toEqual(['ahead_of_commit'])
    const other = await checkpoints.load('p/t-0', 8, 99n)
    expect(other.checkpoint).toBeUndefined()
    expect(other.refused.map((r) => r.reason)).toEqual(['other_options', 'other_options'])
    for (const [name, bytes] of store.blobs) if (name.endsWith('manifest')) store.blobs.set(name, bytes.slice(0, 12))
    expect((await checkpoints.load('p/t-0', 7, 99n)).refused.map((r) => r.reason)).toEqual(['damaged', 'damaged'])
  })

  it('does not mix tasks whose names begin alike', async () => {
    const store = new MemoryStore()
    const checkpoints = new CheckpointStore(store)
    await checkpoints.save('p/t-1', { offset: 1n, fingerprint: 7, parts: [part('head')] }, between)
    await checkpoints.save('p/t-10', { offset: 2n, fingerprint: 7, parts: [part('head')] }, between)
    expect((await checkpoints.load('p/t-1', 7, 9n)).checkpoint?.offset).toBe(1n)
  })
})
