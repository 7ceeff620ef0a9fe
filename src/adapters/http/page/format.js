const plain = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 })
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const clockSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })

const NOTHING = '–'
/** G, not B for billions: next to bytes that would be misread. */
const SCALES = /** @type {const} */ ([
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
])

/** @param {number | null | undefined} value */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING
  const size = Math.abs(value)
  if (size !== 0 && size < 1e-4) return value.toExponential(2)
  if (size < 1e5) return plain.format(value)
  const [scale, sign] = SCALES.find(([least]) => size >= least) ?? [1, '']
  return `${plain.format(value / scale)} ${sign}`
}

/** @param {number} grade */
export const grade = (grade) => (grade === 0 ? '0' : grade.toFixed(2))

/** @param {number} share */
export const percent = (share) => `${Math.round(share * 100)} %`

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** @param {number} ms */
export function duration(ms) {
  const size = Math.abs(ms)
  if (size < SECOND) return `${Math.round(size)} ms`
  if (size < 2 * MINUTE) return `${Math.round(size / SECOND)} s`
  if (size < 2 * HOUR) return `${Math.round(size / MINUTE)} min`
  if (size < 2 * DAY) return `${Math.round(size / HOUR)} h`
  return `${Math.round(size / DAY)} d`
}

/** @param {number | null} atMs @param {number} nowMs */
export const ago = (atMs, nowMs) => (atMs === null ? NOTHING : `${duration(nowMs - atMs)} ago`)

/** @param {number} ms */
export const dayOf = (ms) => day.format(ms)

/** With the seconds where there are some. @param {number} ms */
export const clockOf = (ms) => (new Date(ms).getSeconds() === 0 ? clock : clockSeconds).format(ms)

/** Local time; with the day unless it is today. @param {number} ms */
export function time(ms) {
  const isToday = new Date(ms).toDateString() === new Date().toDateString()
  return isToday ? clockOf(ms) : `${dayOf(ms)}, ${clockOf(ms)}`
}

/** @param {number} fromMs @param {number} toMs */
export function range(fromMs, toMs) {
  const sameDay = new Date(fromMs).toDateString() === new Date(toMs).toDateString()
  return `${time(fromMs)} – ${sameDay ? clock.format(new Date(toMs)) : time(toMs)}`
}

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** At most so many characters: a name may have ten thousand. @param {string} text @param {number} max */
export const cut = (text, max) => (text.length <= max ? text : `${text.slice(0, max)}…`)

/** @param {Readonly<Record<string, string>>} labels @param {number} max */
export function labelText(labels, max) {
  return cut(
    Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join('  '),
    max,
  )
}

const REASONS = /** @type {const} */ ({
  normal: 'normal',
  anomalous_value: 'the value is unlike this series',
  anomalous_shape: 'the shape of the last values is unlike this series',
  anomalous_range: 'a value outside of all that was seen before',
  anomalous_sustained: 'off for a long time',
  suppressed_small_absolute: 'unusual, but too small a difference to matter',
  suppressed_small_relative: 'unusual, but too small a difference to matter',
  suppressed_direction: 'unusual, in a direction that is not watched',
  suppressed_in_shingle: 'part of the anomaly before it',
  suppressed_alert_once: 'goes on; it was raised once',
  suppressed_rest: 'too soon after the last anomaly',
  suppressed_constant: 'the series hardly ever moves',
  suppressed_feedback: 'someone said that it was expected',
  learning: 'still learning',
  missing: 'no data',
})

/** Why a point has its grade, in words. @param {keyof typeof REASONS} reason */
export const reasonText = (reason) => REASONS[reason] ?? reason

const STATES = /** @type {const} */ ({
  PENDING_TRAINING: 'learning',
  TRAINED_INSUFFICIENT_DATA: 'learning, little data',
  TRAINED: 'trained',
})

/** @param {keyof typeof STATES} state */
export const stateText = (state) => STATES[state] ?? state

/** @param {'OK' | 'ALARM' | 'INSUFFICIENT_DATA'} state */
export const alarmText = (state) => (state === 'INSUFFICIENT_DATA' ? 'no data' : state)
