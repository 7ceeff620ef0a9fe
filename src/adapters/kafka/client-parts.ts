import { createRequire } from 'node:module'
import { assert } from '../../core/assert.ts'

const require = createRequire(import.meta.url)
const exchanged = new Set<string>()

/** A part of the client, by its path in the package; they are not made to be used by themselves. */
export const clientPart = <T>(path: string): T => require(path) as T

/**
 * Puts another part in the place of one of the client's, once a process. It must come before the client looks the part up,
 * unless that is looked up anew each time, or given back changed in place.
 */
export function exchangePart<T>(path: string, otherOf: (theirs: T) => T): void {
  if (exchanged.has(path)) return
  exchanged.add(path)
  const theirs = clientPart<T>(path)
  const loaded = require.cache[require.resolve(path)]
  assert(loaded !== undefined, `${path} is not a part of the client`)
  loaded.exports = otherOf(theirs)
}
