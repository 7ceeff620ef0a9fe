const DAY_TIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/
const NUMBER = /^-?\d+(?:\.\d+)?$/

/** Unix times are told apart by size: seconds until the year 5138, then milliseconds, microseconds, nanoseconds. */
function fromUnix(value: number): number {
  const size = Math.abs(value)
  if (size < 1e11) return value * 1e3
  if (size < 1e14) return value
  return size < 1e17 ? value / 1e3 : value / 1e6
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  const sign = zone.startsWith('-') ? -1 : 1
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2))
  return sign * (hours * 60 + minutes) * 60_000
}

/**
 * Milliseconds since the epoch of `2014-04-01 00:00:00`, `2014-04-01T00:00:00.5Z`, `2014-04-01T02:00+02:00`,
 * `2014-04-01` or a Unix time in s, ms, us or ns; undefined when the text is none of them. Without a zone it is UTC.
 */
export function parseTimestamp(text: string): number | undefined {
  const trimmed = text.trim()
  if (NUMBER.test(trimmed)) return Math.round(fromUnix(Number(trimmed)))
  const match = DAY_TIME.exec(trimmed) ?? DAY.exec(trimmed)
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  const date = new Date(at)
  const real = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) && Number(hour) < 24
  if (!real || Number(minute) > 59 || Number(second) > 59) return undefined
  return at + Math.floor(Number(`0.${fraction || '0'}`) * 1000) - offsetMs(zone)
}
