import type * as TensorFlow from '@tensorflow/tfjs-node'

/** The TensorFlow module, handed in by whoever could load it: pure code never loads the native library itself. */
export type Tf = typeof TensorFlow
export type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-node'

/** What is used of tfjs-node's backend beyond its documented interface: ops of the C library, by name. */
export interface OpAttribute {
  readonly name: string
  readonly type: number
  readonly value: number | boolean
}

export interface NativeBackend {
  readonly binding: Readonly<
    Record<'TF_FLOAT' | 'TF_INT32' | 'TF_INT64' | 'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_FLOAT', number>
  >
  executeSingleOutput(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorFlow.Tensor[],
  ): TensorFlow.Tensor
  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorFlow.Tensor[],
    outputs: number,
  ): TensorFlow.Tensor[]
}

export function nativeBackend(tf: Tf): NativeBackend {
  return tf.backend() as unknown as NativeBackend
}
