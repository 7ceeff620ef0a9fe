import { parseDuration } from '../core/duration.ts'
import { err, ok, type Result } from '../core/result.ts'

/** Values of a series in a test file, one piece after another. */
export type ValuePiece =
  | { readonly kind: 'line'; readonly first: number; readonly step: number; readonly count: number }
  | {
      readonly kind: 'season'
      readonly mean: number
      readonly amplitude: number
      readonly periodMs: number
      readonly count: number
    }
  | { readonly kind: 'nothing'; readonly count: number }

const SAMPLES_MAX = 1_000_000
const NUMBER = '[-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?'
const TIMES = '(?:\\*(\\d+))?'
const LINE = new RegExp(`^(${NUMBER})(?:\\+(${NUMBER})|(-\\d+(?:\\.\\d+)?))?${TIMES}$`)
const SEASON = new RegExp(`^(${NUMBER})~(${NUMBER})/([0-9a-z.]+?)${TIMES}$`)
const NOTHING = new RegExp(`^_${TIMES}$`)

/**
 * Reads the notation, pieces apart by spaces: `5` is one sample, `5*10` ten of them, `5+2*10` and `5-2*10` ten that
 * rise or fall by 2, `30~10/1d*1440` 1440 samples of a sine of amplitude 10 about 30 with a period of a day, and `_*5`
 * five times no sample.
 */
export function parseValues(text: string): Result<readonly ValuePiece[], string> {
  const pieces: ValuePiece[] = []
  for (const word of text.trim().split(/\s+/)) {
    const piece = parsePiece(word)
    if (piece === undefined) {
      return err(`"${word}" is not a piece of values (5, 5*10, 5+2*10, 30~10/1d*1440, _*5)`)
    }
    pieces.push(piece)
  }
  const count = pieces.reduce((sum, piece) => sum + piece.count, 0)
  return count <= SAMPLES_MAX ? ok(pieces) : err(`${count} samples are more than ${SAMPLES_MAX}`)
}

function parsePiece(word: string): ValuePiece | undefined {
  const nothing = NOTHING.exec(word)
  if (nothing !== null) return { kind: 'nothing', count: countOf(nothing[1]) }
  const season = SEASON.exec(word)
  if (season !== null) {
    const periodMs = parseDuration(season[3] ?? '')
    if (periodMs === undefined || periodMs === 0) return undefined
    return {
      kind: 'season',
      mean: Number(season[1]),
      amplitude: Number(season[2]),
      periodMs,
      count: countOf(season[4]),
    }
  }
  const line = LINE.exec(word)
  if (line === null) return undefined
  return { kind: 'line', first: Number(line[1]), step: Number(line[2] ?? line[3] ?? 0), count: countOf(line[4]) }
}

function countOf(times: string | undefined): number {
  return times === undefined ? 1 : Number(times)
}

/** The values one by one; NaN where there is no sample. A season's phase is that of `startMs` in event time. */
export function* expandValues(
  pieces: readonly ValuePiece[],
  startMs: number,
  everyMs: number,
): Generator<{ readonly timestampMs: number; readonly value: number }> {
  let timestampMs = startMs
  for (const piece of pieces) {
    for (let i = 0; i < piece.count; i++, timestampMs += everyMs)
      yield { timestampMs, value: valueAt(piece, i, timestampMs) }
  }
}

function valueAt(piece: ValuePiece, i: number, timestampMs: number): number {
  if (piece.kind === 'nothing') return Number.NaN
  if (piece.kind === 'line') return piece.first + piece.step * i
  const phase = (timestampMs % piece.periodMs) / piece.periodMs
  return piece.mean + piece.amplitude * Math.sin(2 * Math.PI * phase)
}
