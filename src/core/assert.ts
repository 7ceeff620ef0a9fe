/** Stops the process's current step on a programmer's error: never used for bad input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** Marks a branch that the types say cannot be reached. */
export function assertNever(value: never, what: string): never {
  throw new AssertionError(`unexpected ${what}: ${JSON.stringify(value)}`)
}

export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}
