import { loadTensorflow } from '../../src/adapters/tensorflow/backend.ts'
import type { Tf } from '../../src/forecast/deepar/tf.ts'

/** TensorFlow itself; a test that needs it fails where it is not set up. */
export function tensorflow(): Tf {
  const loaded = loadTensorflow()
  if (!loaded.ok) throw loaded.error
  // tfjs-node warns of every int64 constant; the tests' output stays readable without.
  console.warn = () => {}
  return loaded.value
}
