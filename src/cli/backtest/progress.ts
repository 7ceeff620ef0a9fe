import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  advance(name: string, by?: number): void
  stop(): void
}

/** A bar with the time left, on a terminal only: nothing is printed into a file or a pipe. */
export function startProgress(total: number, unit: string): Progress {
  if (!process.stderr.isTTY || total === 0) return { advance: () => undefined, stop: () => undefined }
  const format = `{bar} {value}/{total} ${unit}, {eta_formatted} left  {name}`
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic)
  bar.start(total, 0, { name: '' })
  return {
    advance: (name, by = 1) => bar.increment(by, { name }),
    stop: () => bar.stop(),
  }
}
