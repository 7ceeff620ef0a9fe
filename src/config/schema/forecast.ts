import { z } from 'zod'
import { duration } from './fields.ts'

export const forecastSchema = z.strictObject({
  horizon: z.int().min(1).max(10_000).meta({ description: 'Periods ahead.' }),
  every: duration({ min: '1s', max: '7d' }).prefault('1h').meta({
    description: 'How often, in event time, all series are forecast.',
  }),
  quantiles: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .max(20)
    .default([0.1, 0.5, 0.9])
    .transform((levels) => [...new Set(levels)].sort((a, b) => a - b))
    .meta({ description: 'Quantiles of each forecast.' }),
  samples: z.int().min(10).max(1_000).default(100).meta({ description: 'Sample paths of each series.' }),
  retrain: z
    .strictObject({
      every: duration({ min: '10s', max: '90d' }).prefault('7d').meta({
        description: 'How often, by the clock; the process that holds the first partition trains.',
      }),
      history: duration({ min: '1h', max: '730d' }).prefault('30d').meta({
        description: "How far back the pipeline's topics are read, as far as they reach.",
      }),
      steps: z.int().min(10).max(100_000).default(1_000).meta({
        description: 'Training steps a round; it goes on from the active model.',
      }),
    })
    .optional()
    .meta({
      description: 'Train on the own history now and then; what is better on held-back windows is published and used.',
    }),
  seriesLimit: z.int().min(1).max(100_000).default(1_000).meta({
    description: 'Series of a partition that are forecast at most; more are counted.',
  }),
})
