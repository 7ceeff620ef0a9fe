import { createRequire } from 'node:module'
import util from 'node:util'
import { TidegaugeError } from '../../core/errors.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Tf } from '../../forecast/deepar/tf.ts'

/**
 * Loads @tensorflow/tfjs-node, or says why it cannot: BACKEND_MISSING, for the caller to report once and go on without.
 * Loaded by require and on demand, since an import at the top of a file would stop the whole process.
 */
export function loadTensorflow(): Result<Tf, TidegaugeError> {
  // Node 23 took away util.isNullOrUndefined, which tfjs-node 4.22 still calls; isArray only warns.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  })
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  try {
    const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node') as Tf
    if (tf.getBackend() !== 'tensorflow') throw new Error(`the backend is ${tf.getBackend()}`)
    return ok(tf)
  } catch (cause) {
    const first = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    return err(
      new TidegaugeError('BACKEND_MISSING', `TensorFlow's library does not load: ${first}`, {
        where: '@tensorflow/tfjs-node',
        hint: 'npm run setup puts it in place; until then no model can be trained, all else goes on',
        cause,
      }),
    )
  }
}
