import { Session } from 'node:inspector/promises'

/** Share of the samples in each part of the program, largest first. */
export type Profile = readonly { readonly part: string; readonly share: number }[]

/** Samples the main thread while `work` runs and says which folder or package the time was in. */
export async function profiled<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly profile: Profile }> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: 1_000 })
    await session.post('Profiler.start')
    const result = await work()
    const { profile } = await session.post('Profiler.stop')
    const hits = new Map<string, number>()
    let total = 0
    for (const node of profile.nodes) {
      const part = partOf(node.callFrame.functionName, node.callFrame.url)
      const count = node.hitCount ?? 0
      hits.set(part, (hits.get(part) ?? 0) + count)
      total += count
    }
    const parts = [...hits]
      .map(([part, count]) => ({ part, share: count / total }))
      .filter(({ share }) => share >= 0.005)
    return { result, profile: parts.sort((a, b) => b.share - a.share) }
  } finally {
    session.disconnect()
  }
}

function partOf(functionName: string, url: string): string {
  if (functionName === '(idle)' || functionName === '(garbage collector)' || functionName === '(program)')
    return functionName
  if (url.startsWith('wasm')) return 'src/forest (WebAssembly)'
  const ours = /\/src\/((?:adapters\/)?[\w-]+)\//.exec(url)
  if (ours !== null && !url.includes('node_modules')) return `src/${ours[1]}`
  const theirs = /node_modules\/((?:@[\w-]+\/)?[\w.-]+)\/(?!.*node_modules)/.exec(url)
  if (theirs !== null) return `package ${theirs[1]}`
  return url.startsWith('node:') ? 'node' : 'other (built-in functions)'
}
