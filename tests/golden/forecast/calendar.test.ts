import { describe, expect, it } from 'vitest'
import { parseFrequency } from '../../../src/forecast/frequency.ts'
import { calendarLags } from '../../../src/forecast/lags.ts'
import { parseStart } from '../../../src/forecast/series-lines.ts'
import { featureFraction, featuresOf, type TimeFeature } from '../../../src/forecast/time-features.ts'
import { deepArVectors } from '../../support/deepar-vectors.ts'

const vectors = deepArVectors()
/** Business days have no fixed length and are no frequency here. */
const frequencies = Object.keys(vectors.lags).filter((name) => Array.isArray(vectors.lags[name]) && name !== 'B')

describe('lags of a frequency against GluonTS', () => {
  it.each(frequencies)('%s', (name) => {
    expect(calendarLags(parseFrequency(name))).toEqual(vectors.lags[name])
  })
})

describe('calendar features against GluonTS', () => {
  it.each(Object.entries(vectors.time_features.cases))('%s', (_, { freq, stamps, features }) => {
    const frequency = parseFrequency(freq)
    expect([...featuresOf(frequency)].sort()).toEqual(Object.keys(features).sort())
    for (const [name, values] of Object.entries(features)) {
      // pandas takes a week's features from its last day; the stamps are its first.
      const shift = frequency.unit === 'W' ? 6 * 86_400_000 : 0
      const found = stamps.map((stamp) => featureFraction(name as TimeFeature, parseStart(stamp)! + shift))
      found.forEach((value, i) => {
        expect(value).toBeCloseTo(values[i]!, 9)
      })
    }
  })
})
