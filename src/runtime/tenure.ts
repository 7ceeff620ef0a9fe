/**
 * Whether a partition is still ours, in memory that threads share: whoever works on the partition sees at once that it
 * was taken away, wherever that is.
 */
export class Tenure {
  /** One cell: 0 while it lasts. */
  readonly shared: Int32Array<SharedArrayBuffer>

  constructor(shared: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4))) {
    this.shared = shared
  }

  get isCurrent(): boolean {
    return Atomics.load(this.shared, 0) === 0
  }

  /** For good. */
  end(): void {
    Atomics.store(this.shared, 0, 1)
  }
}
