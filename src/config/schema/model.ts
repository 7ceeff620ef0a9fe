import { z } from 'zod'
import { LIMITS } from '../../core/limits.ts'
import { timeZone } from './fields.ts'

function tolerance() {
  return z.strictObject({
    absolute: z.number().min(0).default(0).meta({ description: 'In the units of the metric.' }),
    relative: z.number().min(0).default(0).meta({ description: 'Fraction of the value: 0.2 is 20 %.' }),
  })
}

export const detectorSchema = z.strictObject({
  kind: z.enum(['forest', 'off']).default('forest').meta({
    description: 'forest learns every series; off computes no model: only alarms on static thresholds are left.',
  }),
  trees: z.int().min(1).max(1_000).default(50).meta({ description: 'Trees of the forest.' }),
  samples: z.int().min(16).max(4_096).default(256).meta({ description: 'Points that each tree keeps.' }),
  shingle: z.int().min(1).max(LIMITS.shingleSize).default(8).meta({
    description: 'Periods that make one point of the forest: how long a shape it sees.',
  }),
  timeDecay: z.number().min(0).max(1).optional().meta({
    description:
      'How fast old points leave the trees, a period; its inverse is about the periods a point stays. Default: 1 / (10 * samples).',
  }),
  direction: z.enum(['both', 'above', 'below']).default('both').meta({
    description: 'Which departures from the expected value count.',
  }),
  ignore: z
    .strictObject({
      above: tolerance().prefault({}).meta({ description: 'Departures above the expected value.' }),
      below: tolerance().prefault({}).meta({ description: 'Departures below the expected value.' }),
    })
    .prefault({})
    .meta({ description: 'Departures no larger than this are not anomalies, whatever their score.' }),
})

export const bandSchema = z.strictObject({
  model: z.enum(['seasonal', 'none']).default('seasonal').meta({
    description: 'seasonal learns level, spread, hour of day and day of week online; none gives no band.',
  }),
  deviations: z.number().positive().max(100).default(2).meta({
    description: "Width of the band, in standard deviations, as in CloudWatch's ANOMALY_DETECTION_BAND.",
  }),
  dataRange: z
    .strictObject({
      min: z.number().optional().meta({ description: 'Smallest possible value, in the units of the metric.' }),
      max: z.number().optional().meta({ description: 'Largest possible value, in the units of the metric.' }),
    })
    .prefault({})
    .meta({ description: 'Possible values: the band stays inside, a value outside is an anomaly.' }),
  timezone: timeZone().default('UTC').meta({ description: 'IANA time zone of hours and days.' }),
})
