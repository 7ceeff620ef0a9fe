/** Runs asynchronous sections one after the other, in the order in which they were asked for. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(section: () => Promise<T>): Promise<T> {
    const result = this.#last.then(section)
    // A section that fails must not keep the next one from running.
    this.#last = result.catch(() => {})
    return result
  }
}
