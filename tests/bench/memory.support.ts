import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What the process holds, MiB, after everything that can be let go was let go. */
export interface Memory {
  readonly heap: number
  /** Typed arrays, outside of the heap. */
  readonly buffers: number
  readonly rss: number
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

export function memoryNow(): Memory {
  collect()
  collect()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  const mib = (bytes: number) => Math.round(bytes / 1024 / 102.4) / 10
  return { heap: mib(heapUsed), buffers: mib(arrayBuffers), rss: mib(rss) }
}

export function memoryLine(memory: Memory | undefined): string {
  const { heap = 0, buffers = 0, rss = 0 } = memory ?? {}
  return `heap ${heap} MiB, buffers ${buffers} MiB, resident ${rss} MiB`
}
