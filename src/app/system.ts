import type { Clock } from '../core/clock.ts'

/** The machine's own time: the one place that reads it for the runtime. */
export const systemClock: Clock = { nowMs: () => Date.now() }

/** Calls `task` every `intervalMs` until the returned function is called; does not keep the process alive. */
export function every(intervalMs: number, task: () => void): () => void {
  const timer = setInterval(task, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}
