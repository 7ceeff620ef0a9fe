/**
 * A map that remembers at least the `capacity` newest-used keys and never holds more than twice that: two generations,
 * the older of which is dropped whole. It costs a plain map's lookup, where an LRU list would cost a write per hit.
 * Only for values that can be computed again: what is forgotten changes speed, never a result.
 */
export class RecentMap<V> {
  readonly #capacity: number
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}
