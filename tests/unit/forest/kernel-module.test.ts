import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { compileKernel } from '../../../deploy/setup/forest-kernel.mjs'
import { instantiateKernel, readLayout } from '../../../src/forest/kernel-module.ts'

describe('the kernel', () => {
  it('is what its source compiles to', async () => {
    const file = new URL('../../../src/forest/kernel.generated.ts', import.meta.url)
    expect(await readFile(file, 'utf8')).toBe(await compileKernel())
  })

  it('lays out a slot without overlaps', () => {
    const kernel = instantiateKernel()
    kernel.memory.grow(4)
    kernel.configure(1, 8, 50, 256, Math.exp(-1 / 2560), 1, 5, 520, 64, 8)
    const at = readLayout(kernel)
    expect(at.blockMetaAt).toBeGreaterThanOrEqual(at.metaAt + 50 * 4)
    expect(at.treesAt).toBeGreaterThanOrEqual(at.blockMetaAt + 520 * 8)
    expect(at.recordsAt).toBeGreaterThanOrEqual(256 * 2)
    expect(at.boxListAt).toBeGreaterThanOrEqual(at.recordsAt + 255 * 8)
    expect(at.boxesAt).toBeGreaterThanOrEqual(at.boxListAt + 8 * 2)
    expect(at.treeBytes).toBeGreaterThanOrEqual(at.boxesAt + 8 * at.boxBytes)
    expect(at.blocksAt).toBeGreaterThanOrEqual(at.treesAt + 50 * at.treeBytes)
    expect(at.slotBytes).toBeGreaterThanOrEqual(at.blocksAt + 520 * at.blockBytes)
  })
})
