import type { StateStore } from '../../src/runtime/ports.ts'

/** A StateStore in memory, whose blobs a test can look at and damage. */
export class MemoryStore implements StateStore {
  readonly blobs = new Map<string, Uint8Array>()

  async put(name: string, bytes: Uint8Array): Promise<void> {
    this.blobs.set(name, bytes.slice())
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return this.blobs.get(name)?.slice()
  }

  async list(prefix: string): Promise<readonly string[]> {
    return [...this.blobs.keys()].filter((name) => name.startsWith(prefix)).sort()
  }

  async delete(name: string): Promise<void> {
    this.blobs.delete(name)
  }
}
