import { type ClockTick, ClockTicks } from './clock-ticks.ts'

/** A stream whose newest sample is older than this, or than so many periods, is history: it has a time of its own. */
const LIVE_MS = 3_600_000
const LIVE_PERIODS = 24

export interface SilenceOptions {
  /** undefined: time goes on by records alone. */
  readonly silenceMs: number | undefined
  readonly periodMs: number
}

/** What is kept of it beside a committed offset. */
interface KeptSilence {
  readonly delayMs?: unknown
  readonly ticks?: unknown
}

/**
 * The event time of a partition that says nothing. Records alone cannot tell that all of a partition's series have
 * fallen silent at once, as after the death of their publisher; so after a while without any, event time is moved by
 * the clock. It stays behind the clock by as much as the newest records did, and by the patience itself, so that what
 * was only held up is not late when it comes. Each move is an input of the task, which a replay makes again at the same
 * place.
 */
export class PartitionSilence {
  readonly #options: SilenceOptions
  #ticks = new ClockTicks()
  #toReplay: ClockTick[] = []
  #heardMs = Number.POSITIVE_INFINITY
  /** How far the newest event time was behind the clock when it came; unknown before the first record. */
  #delayMs: number | undefined

  constructor(options: SilenceOptions) {
    this.#options = options
  }

  /** Takes over what the committed offset says. Those at or after `from` are made again. */
  restore(metadata: string, from: bigint, nowMs: number): void {
    const kept = keptIn(metadata)
    this.#heardMs = nowMs
    this.#delayMs = typeof kept.delayMs === 'number' ? kept.delayMs : undefined
    this.#ticks = ClockTicks.decode(typeof kept.ticks === 'string' ? kept.ticks : '')
    this.#toReplay = [...this.#ticks.from(from)]
  }

  /** Records were stepped; `newestMs` is the newest event time now. */
  heard(nowMs: number, newestMs: number): void {
    this.#heardMs = nowMs
    if (Number.isFinite(newestMs)) this.#delayMs = Math.max(0, Math.round(nowMs - newestMs))
  }

  /** The event time that has certainly passed; undefined when nothing is known of it. */
  passedMs(nowMs: number): number | undefined {
    const { silenceMs, periodMs } = this.#options
    if (silenceMs === undefined || this.#delayMs === undefined || nowMs - this.#heardMs < silenceMs) return undefined
    if (this.#delayMs > Math.max(LIVE_MS, LIVE_PERIODS * periodMs)) return undefined
    return nowMs - this.#delayMs - silenceMs
  }

  ticked(tick: ClockTick): void {
    this.#ticks.add(tick)
  }

  /** More of them than the broker could keep for long: a checkpoint would relieve it. */
  get isCrowded(): boolean {
    return this.#ticks.areMany
  }

  /** Takes the ticks that are to be made again before the record at `offset`. */
  *replayThrough(offset: bigint): Generator<ClockTick> {
    for (let next = this.#toReplay[0]; next !== undefined && next.offset <= offset; next = this.#toReplay[0]) {
      this.#toReplay.shift()
      yield next
    }
  }

  /** Where records have to be cut so that a tick comes between them; undefined: nowhere. */
  get nextReplay(): bigint | undefined {
    return this.#toReplay[0]?.offset
  }

  /** No replay begins before `offset` any more. */
  forgetBefore(offset: bigint): void {
    this.#ticks.forgetBefore(offset)
  }

  /** Adds what is to be kept to the other metadata of an offset, which is a JSON object or nothing. */
  keptWith(metadata: string): string {
    if (this.#delayMs === undefined || this.#options.silenceMs === undefined) return metadata
    const ticks = this.#ticks.encode()
    const kept = { delayMs: this.#delayMs, ...(ticks === '' ? {} : { ticks }) }
    return JSON.stringify({ ...(metadata === '' ? {} : (JSON.parse(metadata) as object)), ...kept })
  }
}

/** Metadata that is not ours says nothing. */
function keptIn(metadata: string): KeptSilence {
  try {
    return (JSON.parse(metadata) as KeptSilence | null) ?? {}
  } catch {
    return {}
  }
}
