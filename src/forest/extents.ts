/**
 * Which parts of one growing memory are taken: the first free one that is large enough is given, neighbours that come
 * back are joined. Addresses and lengths are bytes; lengths that are multiples of an alignment keep it.
 */
export class Extents {
  readonly #limit: number
  /** Everything from here on is free. */
  #end: number
  /** Free parts below the end, by address: start, end, start, end, ... No two touch. */
  #free: number[] = []

  /** Hands out addresses from `first` up to `limit`. */
  constructor(first: number, limit: number) {
    this.#end = first
    this.#limit = limit
  }

  /** The first address beyond everything that is taken. */
  get end(): number {
    return this.#end
  }

  hasRoom(bytes: number): boolean {
    return this.#end + bytes <= this.#limit || this.#find(bytes) >= 0
  }

  #find(bytes: number): number {
    const free = this.#free
    for (let i = 0; i < free.length; i += 2) if (free[i + 1]! - free[i]! >= bytes) return i
    return -1
  }

  /** The address of so many bytes that nobody holds; the caller has asked whether there is room. */
  take(bytes: number): number {
    const at = this.#find(bytes)
    if (at < 0) {
      this.#end += bytes
      return this.#end - bytes
    }
    const start = this.#free[at]!
    if (this.#free[at + 1] === start + bytes) this.#free.splice(at, 2)
    else this.#free[at] = start + bytes
    return start
  }

  give(start: number, bytes: number): void {
    const free = this.#free
    const end = start + bytes
    let low = 0
    let high = free.length / 2
    while (low < high) {
      const middle = (low + high) >>> 1
      if (free[2 * middle]! < start) low = middle + 1
      else high = middle
    }
    const at = 2 * low
    const joinsBefore = at > 0 && free[at - 1] === start
    const joinsAfter = free[at] === end
    if (joinsBefore && joinsAfter) free.splice(at - 1, 2)
    else if (joinsBefore) free[at - 1] = end
    else if (joinsAfter) free[at] = start
    else free.splice(at, 0, start, end)
    if (free.at(-1) !== this.#end) return
    this.#end = free.at(-2)!
    free.length -= 2
  }
}
