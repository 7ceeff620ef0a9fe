import { DEEPAR_THREAD, DeepArWorker } from '../../adapters/tensorflow/deepar-worker.ts'
import { startThread } from '../threads.ts'

/** Starts the thread that trains and forecasts. The caller closes it. */
export function startForecasting(): DeepArWorker {
  // A thread's environment is a copy that the C library does not see, so this is set before the thread starts.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  return new DeepArWorker(startThread(DEEPAR_THREAD, undefined))
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
