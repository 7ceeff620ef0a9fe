/** Runs asynchronous sections one after the other, in the order in which they were asked for. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()
  #asked = 0

  /** A section runs, or waits to. */
  get isHeld(): boolean {
    return this.#asked > 0
  }

  run<T>(section: () => Promise<T>): Promise<T> {
    this.#asked++
    const result = this.#last.then(section).finally(() => {
      this.#asked--
    })
    // A section that fails must not keep the next one from running.
    this.#last = result.catch(() => {})
    return result
  }
}
