import { describe, expect, it } from 'vitest'
import { TidegaugeError } from '../../../src/core/errors.ts'
import type { ModelRelease, RefusedModel } from '../../../src/pipeline/detector/band-model.ts'
import { ModelCatalog } from '../../../src/runtime/model-catalog.ts'
import { ModelFollower } from '../../../src/runtime/model-follower.ts'
import { MemoryStore } from '../../support/memory-store.ts'

function following() {
  const store = new MemoryStore()
  const catalog = new ModelCatalog(store, { nowMs: () => 0 })
  const adopted: (number | undefined)[] = []
  const refusals: RefusedModel[] = []
  const follower = new ModelFollower('p', {
    catalog,
    adopt: async (release: ModelRelease | undefined) => {
      adopted.push(release?.version)
    },
    refused: (refusal) => refusals.push(refusal),
  })
  return { store, catalog, adopted, refusals, follower }
}

describe('ModelFollower', () => {
  it('hands over what is active, as often as it looks: who has it already is not disturbed', async () => {
    const { catalog, adopted, follower } = following()
    await follower.check()
    await catalog.publish('p', Uint8Array.of(1))
    await follower.check()
    await follower.check()
    await catalog.rollback('p')
    await follower.check()
    expect(adopted).toEqual([undefined, 1, 1, undefined])
  })

  it('stays at the model in use when the active one cannot be read', async () => {
    const { store, catalog, adopted, refusals, follower } = following()
    await catalog.publish('p', Uint8Array.of(1))
    await follower.check()
    await catalog.publish('p', Uint8Array.of(2))
    store.blobs.get('p/v0000000002')![12]! ^= 1
    await follower.check()
    expect(adopted).toEqual([1, 1])
    expect(refusals.map(({ reason }) => reason)).toEqual(['damaged'])
  })

  it('reports a release of a later version as such', async () => {
    const { refusals } = following()
    const follower = new ModelFollower('p', {
      catalog: {
        activeVersion: async () => 1,
        active: async () => {
          throw new TidegaugeError('SNAPSHOT_VERSION', 'version 9 is not known here')
        },
      },
      adopt: async () => {},
      refused: (refusal) => refusals.push(refusal),
    })
    await follower.read()
    expect(refusals.map(({ reason }) => reason)).toEqual(['later_version'])
  })
})
