import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  advance(name: string): void
  stop(): void
}

/** A bar with the time left, on a terminal only: nothing is printed into a file or a pipe. */
export function startProgress(files: number): Progress {
  if (!process.stderr.isTTY) return { advance: () => undefined, stop: () => undefined }
  const format = '{bar} {value}/{total} files, {eta_formatted} left  {name}'
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic)
  bar.start(files, 0, { name: '' })
  return {
    advance: (name) => bar.increment(1, { name }),
    stop: () => bar.stop(),
  }
}
