import { expect, it } from 'vitest'
import { partitionName } from '../../../src/runtime/partition-name.ts'

it('names a partition as Kafka names its folder', () => {
  expect(partitionName({ topic: 'web-metrics', partition: 3 })).toBe('web-metrics-3')
})
