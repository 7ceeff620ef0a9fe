import { TidegaugeError } from '../core/errors.ts'

/** Where between the records event time was moved by the clock: before the record at `offset`, or the next one after. */
export interface ClockTick {
  readonly offset: bigint
  readonly eventMs: number
}

/** Silences that are told apart; a task with more of them since its checkpoint wants another checkpoint. */
const TICKS_MANY = 40

/**
 * How event time went on by the clock while a partition said nothing. An input that is in no topic: it is kept with the
 * committed offset, until every checkpoint that could be restored has it in its state, so that a replay moves time at
 * the same places. A later tick at the same place has the effect of both.
 */
export class ClockTicks {
  #ticks: ClockTick[]

  constructor(ticks: readonly ClockTick[] = []) {
    this.#ticks = [...ticks]
  }

  add(tick: ClockTick): void {
    if (this.#ticks.at(-1)?.offset === tick.offset) this.#ticks.pop()
    this.#ticks.push(tick)
  }

  get areMany(): boolean {
    return this.#ticks.length > TICKS_MANY
  }

  /** Those at or after `offset`, in order. */
  from(offset: bigint): readonly ClockTick[] {
    return this.#ticks.filter((tick) => tick.offset >= offset)
  }

  /**
   * Nothing will be replayed from before `offset` any more. The newest tick is kept all the same: should every
   * checkpoint be lost, a replay from the topic alone must still close what was closed.
   */
  forgetBefore(offset: bigint): void {
    const newest = this.#ticks.at(-1)
    this.#ticks = this.#ticks.filter((tick) => tick === newest || tick.offset >= offset)
  }

  /** `offset:eventMs,…`, both in base 36: the broker keeps at most 4 KiB beside an offset. */
  encode(): string {
    return this.#ticks.map(({ offset, eventMs }) => `${offset.toString(36)}:${eventMs.toString(36)}`).join(',')
  }

  /** Throws SNAPSHOT_INVALID. */
  static decode(text: string): ClockTicks {
    if (text === '') return new ClockTicks()
    return new ClockTicks(
      text.split(',').map((pair) => {
        const [offset = '', time = ''] = pair.split(':')
        const eventMs = Number.parseInt(time, 36)
        if (!/^[0-9a-z]+$/.test(offset) || Number.isNaN(eventMs)) {
          throw new TidegaugeError('SNAPSHOT_INVALID', `${pair} is no tick`, {
            where: "the committed offset's metadata",
          })
        }
        return { offset: bigintOf(offset), eventMs }
      }),
    )
  }
}

function bigintOf(text: string): bigint {
  let value = 0n
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36))
  return value
}
