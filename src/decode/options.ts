import { TidegaugeError } from '../core/errors.ts'

/** The wire formats that a pipeline can name. `auto` tells them apart by shape, record by record. */
export const DECODE_FORMATS = ['auto', 'json', 'prometheus-kafka-adapter'] as const
export type DecodeFormat = (typeof DECODE_FORMATS)[number]

/**
 * The unit of a timestamp that is a bare number. With a named unit, a number whose magnitude fits another unit is
 * refused as `timestamp_unit`; `auto` takes each number by its magnitude (see timestamp.ts for the ranges).
 */
export const TIMESTAMP_UNITS = ['auto', 's', 'ms', 'us', 'ns'] as const
export type TimestampUnit = (typeof TIMESTAMP_UNITS)[number]

export interface DecodeOptions {
  readonly format: DecodeFormat
  readonly timestampUnit: TimestampUnit
  /**
   * How far a sample's time may lie after its record's own timestamp, ms: one clock that runs ahead would otherwise
   * carry the watermark with it and make every other series late. Infinity turns the guard off.
   */
  readonly maxFutureMs: number
}

export const DECODE_DEFAULTS: DecodeOptions = { format: 'auto', timestampUnit: 'ms', maxFutureMs: 600_000 }

/** The options with defaults filled in. Throws CONFIG_INVALID for what no decoder can be made of. */
export function resolveDecodeOptions(given: Partial<DecodeOptions> = {}): DecodeOptions {
  const options = { ...DECODE_DEFAULTS, ...given }
  oneOf('decode.format', options.format, DECODE_FORMATS)
  oneOf('decode.timestampUnit', options.timestampUnit, TIMESTAMP_UNITS)
  if (!(options.maxFutureMs >= 0)) {
    throw new TidegaugeError('CONFIG_INVALID', `must be 0 ms or more, not ${options.maxFutureMs}`, {
      where: 'decode.maxFutureMs',
    })
  }
  return options
}

function oneOf(where: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return
  throw new TidegaugeError('CONFIG_INVALID', `${JSON.stringify(value)} is not known`, {
    where,
    hint: `one of ${known.join(', ')}`,
  })
}
