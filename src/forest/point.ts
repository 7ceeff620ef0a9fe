import { TidegaugeError } from '../core/errors.ts'

/** One period's values: a number where there is one input. */
export type PeriodValues = number | ArrayLike<number>

/** Throws POINT_INVALID, naming the value, unless these are `count` periods of `inputs` finite numbers each. */
export function checkValues(values: PeriodValues, count: number, inputs: number): void {
  if (typeof values === 'number') {
    if (inputs !== 1) wrongLength(1, inputs)
    if (!Number.isFinite(values)) notFinite(0, values)
    return
  }
  if (!Number.isInteger(count) || values.length !== count * inputs) wrongLength(values.length, inputs)
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) notFinite(i, values[i])
  }
}

function wrongLength(found: number, inputs: number): never {
  throw new TidegaugeError('POINT_INVALID', `${found} values came`, {
    where: 'values',
    hint: `give ${inputs} for each period`,
  })
}

function notFinite(at: number, value: unknown): never {
  throw new TidegaugeError('POINT_INVALID', `the value is ${String(value)}`, {
    where: `values[${at}]`,
    hint: 'impute or leave out what is missing; a point holds finite numbers only',
  })
}
