import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { writeFully } from '../../../../src/adapters/disk/files.ts'
import { DiskStateStore } from '../../../../src/adapters/disk/state-store.ts'
import { storageError } from '../../../../src/adapters/disk/storage-error.ts'
import { BinaryReader, BinaryWriter } from '../../../../src/core/binary.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-state-'))
  folders.push(folder)
  const root = join(folder, 'state')
  return { folder, root, store: new DiskStateStore(root) }
}

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (blob: Uint8Array | undefined) => (blob === undefined ? undefined : new TextDecoder().decode(blob))
const files = (root: string) => readdirSync(root, { recursive: true }).sort()

describe('DiskStateStore', () => {
  it('gives back what was put, the newest version', async () => {
    const { store } = setUp()
    expect(await store.get('web/metrics-0/1/manifest')).toBeUndefined()
    await store.put('web/metrics-0/1/manifest', bytes('one'))
    await store.put('web/metrics-0/1/manifest', bytes('two'))
    expect(text(await store.get('web/metrics-0/1/manifest'))).toBe('two')
    await store.put('empty', new Uint8Array(0))
    expect(await store.get('empty')).toHaveLength(0)
  })

  it('gives plain bytes, from which arrays can be read wherever they lie', async () => {
    const { store } = setUp()
    const writer = new BinaryWriter('TEST', 1)
    writer.text('odd')
    writer.array(Float64Array.of(1.5, -2.5))
    await store.put('a', writer.finish())
    const blob = (await store.get('a')) ?? new Uint8Array(0)
    expect(Buffer.isBuffer(blob)).toBe(false)
    const reader = new BinaryReader(blob, 'TEST', 1)
    expect(reader.text()).toBe('odd')
    expect([...reader.f64Array()]).toEqual([1.5, -2.5])
  })

  it('lists by prefix, also one that ends within a name', async () => {
    const { store } = setUp()
    for (const name of ['web/m-0/1/a', 'web/m-0/2/a', 'web/m-1/1/a', 'webs/m-0/1/a', 'top']) {
      await store.put(name, bytes(name))
    }
    expect(await store.list('web/m-0/')).toEqual(['web/m-0/1/a', 'web/m-0/2/a'])
    expect(await store.list('web/m-')).toEqual(['web/m-0/1/a', 'web/m-0/2/a', 'web/m-1/1/a'])
    expect(await store.list('web')).toHaveLength(4)
    expect(await store.list('')).toHaveLength(5)
    expect(await store.list('nothing/there/')).toEqual([])
  })

  it('deletes, and leaves no empty folders', async () => {
    const { store, root } = setUp()
    await store.put('web/m-0/1/a', bytes('x'))
    await store.put('web/m-0/2/a', bytes('x'))
    await store.delete('web/m-0/1/a')
    await store.delete('web/m-0/1/a')
    expect(files(root)).toEqual(['web', 'web/m-0', 'web/m-0/2', 'web/m-0/2/a.state'])
    await store.delete('web/m-0/2/a')
    expect(files(root)).toEqual([])
  })

  it('keeps odd names inside its folder and apart', async () => {
    const { store, folder } = setUp()
    const names = ['../../escape', 'Web/A', 'web/a', 'a b/ü', '.hidden']
    for (const name of names) await store.put(name, bytes(name))
    for (const name of names) expect(text(await store.get(name))).toBe(name)
    expect(await store.list('')).toEqual([...names].sort())
    expect(readdirSync(folder)).toEqual(['state'])
  })

  it('pays no heed to what a crash left half-written', async () => {
    const { store, root } = setUp()
    await store.put('web/a', bytes('whole'))
    writeFileSync(join(root, 'web', 'a.state.unfinished'), 'ha')
    writeFileSync(join(root, 'web', 'b.state.unfinished'), 'lf')
    writeFileSync(join(root, 'web', 'README.txt'), 'somebody was here')
    expect(await store.list('')).toEqual(['web/a'])
    expect(text(await store.get('web/a'))).toBe('whole')
    expect(await store.get('web/b')).toBeUndefined()
    await store.put('web/a', bytes('newer'))
    expect(text(await store.get('web/a'))).toBe('newer')
  })

  it('says what is wrong with the disk and what to do', async () => {
    const { store, root } = setUp()
    mkdirSync(root)
    writeFileSync(join(root, 'web'), 'a file')
    await expect(store.put('web/a', bytes('x'))).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      retryable: true,
      where: expect.stringContaining('web/a.state'),
      hint: expect.stringMatching(/file stands where a folder/),
    })
  })

  it.skipIf(process.getuid?.() === 0)('says when it may not write', async () => {
    const { store, root } = setUp()
    mkdirSync(root)
    chmodSync(root, 0o500)
    await expect(store.put('a', bytes('x'))).rejects.toMatchObject({ hint: expect.stringMatching(/may not write/) })
  })

  it('says when the disk is full', async () => {
    // /dev/full takes nothing: the same error as a full disk, from the system itself.
    const full = await open('/dev/full', 'r+')
    const thrown = await writeFully(full, bytes('x'), 0).catch((error: unknown) => error)
    await full.close()
    expect(storageError(thrown, 'write state', '/data/a').describe()).toBe(
      '/data/a: cannot write state: ENOSPC (the disk is full: make room, work goes on by itself)',
    )
  })
})
