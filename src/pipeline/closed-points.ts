import type { PeriodPoint } from './detector/contract.ts'
import type { JudgedPoint, StepOutput } from './step-output.ts'

interface Scorer {
  score(period: PeriodPoint): JudgedPoint
}

/**
 * Points of closed periods that wait to be scored, in the order in which they closed.
 *
 * A step over a backlog closes many periods of many series, period by period; but a series' model is large, and
 * visiting all of them once a period means that each visit finds it out of the processor's caches. So the points of a
 * step are scored series by series, and the results put back in the order in which the periods closed. Series do not
 * look at each other, so this changes no result, and the order does not depend on where a step ends.
 */
export class ClosedPoints {
  readonly #waiting = new Map<Scorer, { readonly place: number; readonly point: PeriodPoint }[]>()
  #count = 0

  add(entity: Scorer, point: PeriodPoint): void {
    const entry = { place: this.#count++, point }
    const waiting = this.#waiting.get(entity)
    if (waiting === undefined) this.#waiting.set(entity, [entry])
    else waiting.push(entry)
  }

  /**
   * Scores everything that waits; results go to `out` in the order of closing. `together` series go side by side, period
   * by period: what they share moves them in one call.
   */
  scoreInto(out: StepOutput, together = 1): void {
    if (this.#count === 0) return
    const results = new Array<JudgedPoint | undefined>(this.#count)
    const all = [...this.#waiting]
    for (let from = 0; from < all.length; from += together) {
      const group = all.slice(from, from + together)
      const longest = Math.max(...group.map(([, waiting]) => waiting.length))
      for (let i = 0; i < longest; i++) {
        for (const [entity, waiting] of group) {
          const entry = waiting[i]
          if (entry !== undefined) results[entry.place] = entity.score(entry.point)
        }
      }
    }
    for (const result of results) {
      if (result === undefined) continue
      out.scores.push(result)
      out.events.push(...result.events)
    }
    this.#waiting.clear()
    this.#count = 0
  }
}
