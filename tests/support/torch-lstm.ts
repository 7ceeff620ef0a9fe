/**
 * Torch's LSTM weights (gates i, f, g, o; kernels transposed; two biases) as the fused op takes them: the same order of
 * gates, one kernel of inputs and hidden values, one bias.
 */
export function fromTorch(
  weightInput: number[][],
  weightHidden: number[][],
  biasInput: number[],
  biasHidden: number[],
): { readonly kernel: number[][]; readonly bias: number[] } {
  const column = (rows: number[][], i: number) => rows.map((row) => row[i]!)
  const kernel = [
    ...weightInput[0]!.map((_, i) => column(weightInput, i)),
    ...weightHidden[0]!.map((_, i) => column(weightHidden, i)),
  ]
  return { kernel, bias: biasInput.map((value, i) => value + biasHidden[i]!) }
}
