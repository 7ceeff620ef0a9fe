import { Worker } from 'node:worker_threads'

/**
 * Starts a thread. `entry` is the source file: compiled code starts the file beside it, and from source the thread
 * registers the TypeScript loader for itself first.
 */
export function startThread(entry: URL, data: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(entry.href.replace(/\.ts$/, '.js')), { workerData: data })
  }
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const source = JSON.stringify(entry.href)
  return new Worker(`import(${loader}).then(({ register }) => { register(); return import(${source}) })`, {
    eval: true,
    workerData: data,
  })
}
