import { describe, expect, it } from 'vitest'
import { parseFrequency } from '../../../src/forecast/frequency.ts'
import { inferenceResponse, readInferenceRequest } from '../../../src/forecast/sagemaker.ts'

const hourly = parseFrequency('h')
const instance = { start: '2024-01-01 00:00:00', target: [1, 2] }
const read = (body: unknown) => readInferenceRequest(JSON.stringify(body), 'r.json', hourly)

describe('readInferenceRequest', () => {
  it("reads SageMaker's request with its defaults", () => {
    const request = read({ instances: [instance] })
    expect(request).toMatchObject({ samples: 100, outputs: ['mean', 'quantiles'], levels: [0.1, 0.5, 0.9] })
  })

  it('takes levels in any order and answers by the texts that were asked', () => {
    const request = read({
      instances: [instance],
      configuration: { num_samples: 2, output_types: ['samples', 'quantiles'], quantiles: ['0.90', '0.1'] },
    })
    const forecast = {
      levels: request.levels,
      quantiles: [Float64Array.of(1, 2), Float64Array.of(3, 4)],
      mean: Float64Array.of(2, 3),
    }
    const response = inferenceResponse(request, [{ forecast, paths: Float64Array.of(1, 10, 2, 20) }])
    expect(response).toEqual({
      predictions: [
        {
          quantiles: { '0.1': [1, 2], '0.90': [3, 4] },
          samples: [
            [1, 2],
            [10, 20],
          ],
        },
      ],
    })
  })

  it.each([
    [{}, /no series/],
    [{ instances: [] }, /no series/],
    [{ instances: [{ start: 'x', target: [] }] }, /no time/],
    [{ instances: [instance], configuration: { num_samples: 0 } }, /0 samples/],
    [{ instances: [instance], configuration: { output_types: ['median'] } }, /median/],
    [{ instances: [instance], configuration: { quantiles: ['1.5'] } }, /no level/],
  ])('refuses %j', (body, message) => {
    expect(() => read(body)).toThrow(message)
  })

  it('refuses what is no JSON', () => {
    expect(() => readInferenceRequest('{', 'r.json', hourly)).toThrow(/no JSON/)
  })
})
