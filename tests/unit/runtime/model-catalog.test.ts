import { describe, expect, it } from 'vitest'
import { ModelCatalog } from '../../../src/runtime/model-catalog.ts'
import { MemoryStore } from '../../support/memory-store.ts'

function catalog() {
  const store = new MemoryStore()
  let nowMs = 1_000
  return { store, catalog: new ModelCatalog(store, { nowMs: () => nowMs++ }) }
}

const bytes = (n: number) => Uint8Array.of(n, n + 1)

describe('ModelCatalog', () => {
  it('numbers what is published from 1 and makes it active; pipelines do not see each other', async () => {
    const { catalog: models } = catalog()
    expect(await models.active('a')).toBeUndefined()
    expect(await models.publish('a', bytes(1))).toBe(1)
    expect(await models.publish('a', bytes(2))).toBe(2)
    expect(await models.publish('ab', bytes(9))).toBe(1)
    expect(await models.active('a')).toEqual({ version: 2, bytes: bytes(2) })
    expect(await models.list('a')).toEqual([
      { version: 1, bytes: 2, publishedAtMs: 1_000, active: false },
      { version: 2, bytes: 2, publishedAtMs: 1_001, active: true },
    ])
  })

  it('rolls back through what was active, down to none', async () => {
    const { catalog: models } = catalog()
    for (let i = 1; i <= 3; i++) await models.publish('a', bytes(i))
    await models.activate('a', 1)
    expect(await models.rollback('a')).toBe(3)
    expect(await models.rollback('a')).toBe(2)
    expect(await models.rollback('a')).toBe(1)
    expect(await models.rollback('a')).toBeUndefined()
    expect(await models.active('a')).toBeUndefined()
    await expect(models.rollback('a')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('says which versions there are when one is asked for that is not', async () => {
    const { catalog: models } = catalog()
    await expect(models.activate('a', 1)).rejects.toMatchObject({ hint: 'none was published yet' })
    await models.publish('a', bytes(1))
    await expect(models.activate('a', 7)).rejects.toMatchObject({
      message: 'there is no version 7',
      hint: 'there are 1',
    })
  })

  it('keeps ten versions and goes on counting', async () => {
    const { catalog: models } = catalog()
    for (let i = 1; i <= 13; i++) await models.publish('a', bytes(i))
    expect((await models.list('a')).map(({ version }) => version)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
  })

  it('refuses a damaged release', async () => {
    const { store, catalog: models } = catalog()
    await models.publish('a', bytes(1))
    store.blobs.get('a/v0000000001')![12]! ^= 1
    await expect(models.active('a')).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' })
  })
})
