import { DeepArWorker } from '../../adapters/tensorflow/deepar-worker.ts'

/** Starts the thread that trains and forecasts. The caller closes it. */
export function startForecasting(): DeepArWorker {
  return new DeepArWorker()
}

/** Runs work with a forecasting thread and closes the thread, whatever comes of it. */
export async function withForecasting<T>(work: (engine: DeepArWorker) => Promise<T>): Promise<T> {
  const engine = startForecasting()
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}
