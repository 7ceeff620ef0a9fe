import type { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import type { Prediction, TrainingState } from '../forecaster.ts'
import { Calendar, type CalendarPlace } from './calendar.ts'
import { SeasonalProfile } from './seasonal-profile.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MAX_DAY_PLACES = 288
const HOURS_OF_WEEK = 168

/** Values before residuals are clipped: until then there is no scale to clip by. */
const FREE_VALUES = 20
/** Values before anything is predicted. */
const PENDING_VALUES = 32
/** Values before a residual means anything. */
const FIRST_RESIDUAL = 5
/** TRAINED asks for two whole days and a fair number of values. */
const SEASONS_TO_TRAIN = 2
const VALUES_TO_TRAIN = 32
/** Residuals of metrics have heavier tails than a normal; the band itself is in deviations. */
const DEGREES_OF_FREEDOM = 5
/** Rates a period: of levels, of the seasonal levels, of the scale, of the errors by which a model is chosen. */
const LEVEL_RATE = 0.02
const SEASON_LEVEL_RATE = 0.01
const SCALE_RATE = 0.01
const ERROR_RATE = 0.003
/** Rates a visit of a day's place and of an hour of the week. */
const DAY_RATE = 0.15
const WEEK_RATE = 0.25
/** A seasonal model is chosen when its error is below this share of the simpler one's: ties go to the simpler. */
const CHOICE_MARGIN = 0.9
/** E|x| of a normal is sqrt(2/pi) of its deviation. */
const DEVIATIONS_PER_MEAN = Math.sqrt(Math.PI / 2)
/** Scale of one hour of the day, relative to the whole day's. */
const HOUR_SCALE_LIMITS = [0.3, 4] as const

function clip(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value))
}

/** What the baseline says of a value before it learns it. */
export interface BaselineResidual {
  /** Value minus the seasonal expectation, in its deviations. */
  readonly seasonal: number
  /** Value minus the seasonal expectation, in the metric's units. */
  readonly raw: number
  /** What `seasonal` is measured by. */
  readonly deviation: number
}

/** The learned scalars, in the order of a snapshot. */
const SCALARS = [
  'values',
  'level',
  'dayLevel',
  'weekLevel',
  'levelError',
  'dayError',
  'weekError',
  'scale',
  'observedMs',
] as const
type Scalars = Record<(typeof SCALARS)[number], number>

/** The three models' expectations at one place, before the value is known. */
interface Expectations {
  readonly level: number
  readonly day: number
  readonly week: number
  readonly chosen: number
}

/**
 * Learns one metric online: a level, the profile of a day and of a week, the spread by hour of day. Three models of
 * rising complexity run side by side (level; level and day; level, day and week) and the simplest that was about the
 * best lately gives the expectation. Residuals are clipped at 3 deviations before anything learns from them
 * (Huber's psi), so one anomaly moves nothing much while a lasting change is taken in. O(1) a value; bounded memory.
 *
 * It fails where the season is neither a day nor a week long, and on counts so small that most values are 0.
 */
export class SeasonalBaseline {
  readonly #calendar: Calendar
  readonly #periodMs: number
  readonly #day: SeasonalProfile
  readonly #week: SeasonalProfile
  readonly #hourScale = new Float64Array(24).fill(1)
  readonly #hourCount = new Float64Array(24)
  readonly #s = Object.fromEntries(SCALARS.map((name) => [name, 0])) as Scalars

  /** `periodMs` 1 s .. 1 d; `timezone` is an IANA name. Throws RangeError when the zone is unknown. */
  constructor(periodMs: number, timezone: string) {
    this.#calendar = new Calendar(timezone)
    this.#periodMs = periodMs
    this.#day = new SeasonalProfile(Math.max(1, Math.min(MAX_DAY_PLACES, Math.floor(DAY_MS / periodMs))), DAY_RATE)
    this.#week = new SeasonalProfile(HOURS_OF_WEEK, WEEK_RATE / Math.max(1, HOUR_MS / periodMs))
  }

  /** Values learned so far. */
  get values(): number {
    return this.#s.values
  }

  get state(): TrainingState {
    if (this.#s.values < PENDING_VALUES) return 'PENDING_TRAINING'
    const seasons = Math.min(this.#s.observedMs / (SEASONS_TO_TRAIN * DAY_MS), this.#s.values / VALUES_TO_TRAIN)
    return seasons >= 1 ? 'TRAINED' : 'TRAINED_INSUFFICIENT_DATA'
  }

  /** The predictive distribution of the value at `timestampMs`, from what came before. */
  predict(timestampMs: number): Prediction {
    const { state } = this
    const model = 'seasonal-baseline'
    if (state === 'PENDING_TRAINING') {
      return { expected: Number.NaN, deviation: Number.NaN, degreesOfFreedom: DEGREES_OF_FREEDOM, state, model }
    }
    const place = this.#calendar.place(timestampMs)
    const expected = this.#expect(place).chosen
    const deviation = this.#deviation(place.hour, expected)
    return { expected, deviation, degreesOfFreedom: DEGREES_OF_FREEDOM, state, model }
  }

  /** The expected value at `timestampMs`; meaningless before the first value. */
  expectation(timestampMs: number): number {
    return this.#expect(this.#calendar.place(timestampMs)).chosen
  }

  /** Measures the value against what came before, then learns it. `value` is finite. */
  step(timestampMs: number, value: number): BaselineResidual {
    const s = this.#s
    if (s.values === 0) {
      s.level = value
      s.dayLevel = value
      s.weekLevel = value
    }
    const place = this.#calendar.place(timestampMs)
    const expected = this.#expect(place)
    const residual = value - expected.chosen
    const deviation = this.#deviation(place.hour, expected.chosen)
    const known = s.values >= FIRST_RESIDUAL
    const result = { seasonal: known ? residual / deviation : 0, raw: residual, deviation }
    this.#learnScales(place.hour, residual, deviation)
    this.#learnErrors(value, expected, deviation)
    this.#learnLevels(place, value, expected, deviation)
    s.values++
    s.observedMs += this.#periodMs
    return result
  }

  #dayPlace(place: CalendarPlace): number {
    return Math.min(this.#day.places - 1, Math.floor((place.dayMs / DAY_MS) * this.#day.places))
  }

  #expect(place: CalendarPlace): Expectations {
    const s = this.#s
    const at = this.#dayPlace(place)
    const level = s.level
    const day = s.dayLevel + this.#day.offset(at)
    const week = s.weekLevel + this.#day.offset(at) + this.#week.offset(place.hourOfWeek)
    let chosen = level
    let error = s.levelError
    if (this.#day.count(at) >= 2 && s.dayError > 0 && s.dayError < error * CHOICE_MARGIN) {
      chosen = day
      error = s.dayError
    }
    const weekSeen = this.#week.count(place.hourOfWeek) >= Math.max(1, (2 * HOUR_MS) / this.#periodMs)
    if (weekSeen && s.weekError > 0 && s.weekError < error * CHOICE_MARGIN) chosen = week
    return { level, day, week, chosen }
  }

  /** A deviation that can be divided by: a constant series has a tiny one, not none. */
  #floor(deviation: number, about: number): number {
    return Math.max(deviation, 1e-12 + 1e-9 * Math.abs(about))
  }

  #deviation(hour: number, about: number): number {
    const hourly = this.#s.values < FIRST_RESIDUAL ? 1 : (this.#hourScale[hour] ?? 1)
    return this.#floor(this.#s.scale * hourly, about)
  }

  #limit(deviations: number, deviation: number): number {
    return this.#s.values < FREE_VALUES ? Number.POSITIVE_INFINITY : deviations * Math.max(deviation, 1e-12)
  }

  #learnScales(hour: number, residual: number, deviation: number): void {
    const s = this.#s
    const clipped = clip(residual, this.#limit(3, deviation))
    const rate = Math.max(SCALE_RATE, 1 / (s.values + 1))
    s.scale += rate * (Math.abs(clipped) * DEVIATIONS_PER_MEAN - s.scale)
    if (s.scale <= 0) return
    const count = (this.#hourCount[hour] ?? 0) + 1
    const relative = (Math.abs(clipped) * DEVIATIONS_PER_MEAN) / s.scale
    const before = this.#hourScale[hour] ?? 1
    const moved = before + Math.max(0.01, 1 / (count + 30)) * (relative - before)
    this.#hourCount[hour] = count
    this.#hourScale[hour] = Math.max(HOUR_SCALE_LIMITS[0], Math.min(HOUR_SCALE_LIMITS[1], moved))
  }

  #learnErrors(value: number, expected: Expectations, deviation: number): void {
    const s = this.#s
    const most = this.#limit(5, deviation)
    const rate = Math.max(ERROR_RATE, 1 / (s.values + 1))
    s.levelError += rate * (Math.min(Math.abs(value - expected.level), most) - s.levelError)
    s.dayError += rate * (Math.min(Math.abs(value - expected.day), most) - s.dayError)
    s.weekError += rate * (Math.min(Math.abs(value - expected.week), most) - s.weekError)
  }

  #learnLevels(place: CalendarPlace, value: number, expected: Expectations, deviation: number): void {
    const s = this.#s
    const young = 1 / (s.values + 1)
    const day = clip(value - expected.day, this.#limit(4, deviation))
    const week = clip(value - expected.week, this.#limit(4, deviation))
    s.level += Math.max(LEVEL_RATE, young) * clip(value - expected.level, this.#limit(3, deviation))
    s.dayLevel += Math.max(SEASON_LEVEL_RATE, young / 2) * day
    s.weekLevel += Math.max(SEASON_LEVEL_RATE, young / 2) * week
    this.#day.learn(this.#dayPlace(place), day)
    this.#week.learn(place.hourOfWeek, week)
  }

  /** Moves the level by `delta`, in the units of the metric: a new level is normal from now on. */
  shift(delta: number): void {
    for (const name of ['level', 'dayLevel', 'weekLevel'] as const) this.#s[name] += delta
  }

  get byteSize(): number {
    return this.#day.byteSize + this.#week.byteSize + 8 * (48 + SCALARS.length) + 256
  }

  save(writer: BinaryWriter): void {
    for (const name of SCALARS) writer.f64(this.#s[name])
    writer.array(this.#hourScale)
    writer.array(this.#hourCount)
    this.#day.save(writer)
    this.#week.save(writer)
  }

  load(reader: BinaryReader): void {
    for (const name of SCALARS) this.#s[name] = reader.f64()
    reader.into(this.#hourScale)
    reader.into(this.#hourCount)
    this.#day.load(reader)
    this.#week.load(reader)
  }
}
