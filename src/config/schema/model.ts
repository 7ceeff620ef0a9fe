import { z } from 'zod'
import { BAND_MODELS } from '../../band/band.ts'
import { DIRECTIONS } from '../../band/suppression.ts'
import { LIMITS } from '../../core/limits.ts'
import { DETECTOR_DEFAULTS, LEVEL_SHIFTS } from '../../pipeline/detector/options.ts'
import { labelName, timeZone, unique } from './fields.ts'

const { ignore, band, forecast } = DETECTOR_DEFAULTS

function tolerance(fallback: { readonly absolute: number; readonly relative: number }) {
  return z
    .strictObject({
      absolute: z.number().min(0).default(fallback.absolute).meta({ description: 'In the units of the metric.' }),
      relative: z.number().min(0).default(fallback.relative).meta({
        description: 'Fraction of the value: 0.2 is 20 %.',
      }),
    })
    .prefault({})
}

export const detectorSchema = z.strictObject({
  kind: z.enum(['forest', 'off']).default('forest').meta({
    description: 'forest learns every series; off computes no model: only alarms on static thresholds are left.',
  }),
  trees: z.int().min(1).max(1_000).default(DETECTOR_DEFAULTS.trees).meta({ description: 'Trees of each forest.' }),
  sampleSize: z.int().min(16).max(4_096).default(DETECTOR_DEFAULTS.sampleSize).meta({
    description: 'Points that each tree keeps.',
  }),
  shingle: z.int().min(1).max(LIMITS.shingleSize).default(DETECTOR_DEFAULTS.shingle).meta({
    description: 'Periods that make one point of the forest: how long a shape it sees. 1 looks at single values only.',
  }),
  timeDecay: z.number().min(0).max(1).default(DETECTOR_DEFAULTS.timeDecay).meta({
    description:
      'Rate, a period, at which old points leave the trees; its inverse is about the periods that one stays.',
  }),
  threshold: z.number().positive().max(100).default(DETECTOR_DEFAULTS.threshold).meta({
    description: 'Evidence from which a point is anomalous: 7 is one in 10 to the power of 7.',
  }),
  levelShift: z.enum(LEVEL_SHIFTS).default(DETECTOR_DEFAULTS.levelShift).meta({
    description: 'A lasting change of level: one alert at its start, or alerts until the model has taken it in.',
  }),
  direction: z.enum(DIRECTIONS).default(DETECTOR_DEFAULTS.direction).meta({
    description: 'Which departures from the expected value count.',
  }),
  ignore: z
    .strictObject({
      above: tolerance(ignore.above).meta({
        description: 'Departures above the expected value that are no anomalies.',
      }),
      below: tolerance(ignore.below).meta({
        description: 'Departures below the expected value that are no anomalies.',
      }),
    })
    .prefault({})
    .meta({ description: 'Departures no larger than this are not anomalies, whatever their score.' }),
})

export const bandSchema = z.strictObject({
  model: z.enum(BAND_MODELS).default(forecast.model).meta({
    description:
      'Whose band: seasonal, learned for each series by itself; deepar, as soon as a model is active; auto, whichever forecasts better.',
  }),
  robust: z.boolean().default(forecast.robust).meta({
    description: "Whether values of anomalous periods are kept from a DeepAR model's state.",
  }),
  categories: unique(labelName())
    .max(16)
    .default([...forecast.categories])
    .meta({
      description: 'Labels whose values are the static categories of the DeepAR model, in its order.',
    }),
  deviations: z.number().positive().max(100).default(band.deviations).meta({
    description: "Width of the band, in standard deviations, as in CloudWatch's ANOMALY_DETECTION_BAND.",
  }),
  dataRange: z
    .strictObject({
      min: z.number().optional().meta({ description: 'Smallest possible value, in the units of the metric.' }),
      max: z.number().optional().meta({ description: 'Largest possible value, in the units of the metric.' }),
    })
    .prefault({})
    .meta({ description: 'Possible values: the band stays inside, a value outside is an anomaly.' }),
  timezone: timeZone().default(band.timezone).meta({ description: 'IANA time zone of hours and days.' }),
})
