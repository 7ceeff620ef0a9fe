import { seedOf } from '../../core/hash.ts'
import type { SeriesDetector } from './contract.ts'
import { ForestDetector } from './forest-detector.ts'
import type { DetectorSetup } from './options.ts'

/** A detector that knows nothing yet. Its seed comes from the parts, usually the pipeline's name and the series' key. */
export function createDetector(setup: DetectorSetup, seedParts: readonly string[]): SeriesDetector {
  return ForestDetector.create(setup, seedOf(...seedParts))
}

/** Goes on from `snapshot()`, bit for bit. Throws SNAPSHOT_INVALID or SNAPSHOT_VERSION before anything is made. */
export function restoreDetector(setup: DetectorSetup, bytes: Uint8Array): SeriesDetector {
  return ForestDetector.restore(setup, bytes)
}
