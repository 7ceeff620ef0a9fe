import { assertNever } from '../core/assert.ts'
import type { AlarmOperator } from './options.ts'

/** Whether a value breaches; a static threshold is both `lower` and `upper`. */
export function compare(value: number, operator: AlarmOperator, lower: number, upper: number): boolean {
  switch (operator) {
    case 'LessThanLowerOrGreaterThanUpperThreshold':
      return value < lower || value > upper
    case 'LessThanLowerThreshold':
    case 'LessThanThreshold':
      return value < lower
    case 'GreaterThanUpperThreshold':
    case 'GreaterThanThreshold':
      return value > upper
    case 'GreaterThanOrEqualToThreshold':
      return value >= upper
    case 'LessThanOrEqualToThreshold':
      return value <= lower
    default:
      return assertNever(operator, 'alarm operator')
  }
}
