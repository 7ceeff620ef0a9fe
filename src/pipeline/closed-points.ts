import { assert } from '../core/assert.ts'
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
  readonly #entities: Scorer[] = []
  readonly #points: PeriodPoint[] = []

  add(entity: Scorer, point: PeriodPoint): void {
    this.#entities.push(entity)
    this.#points.push(point)
  }

  /**
   * Scores everything that waits; results go to `out` in the order of closing. `together` series go side by side, period
   * by period: what they share moves them in one call.
   */
  scoreInto(out: StepOutput, together = 1): void {
    const [first] = this.#points
    if (first === undefined) return
    const isOnePeriod = this.#points.every(({ timestampMs }) => timestampMs === first.timestampMs)
    if (isOnePeriod) {
      // Each series has one point: they are in their order.
      for (let i = 0; i < this.#points.length; i++) tell(out, this.#score(i))
    } else {
      for (const result of this.#bySeries(together)) if (result !== undefined) tell(out, result)
    }
    this.#entities.length = 0
    this.#points.length = 0
  }

  #bySeries(together: number): readonly (JudgedPoint | undefined)[] {
    const results = new Array<JudgedPoint | undefined>(this.#points.length)
    const places = new Map<Scorer, number[]>()
    this.#entities.forEach((entity, place) => {
      const own = places.get(entity)
      if (own === undefined) places.set(entity, [place])
      else own.push(place)
    })
    const all = [...places.values()]
    for (let from = 0; from < all.length; from += together) {
      const group = all.slice(from, from + together)
      const longest = Math.max(...group.map((own) => own.length))
      for (let i = 0; i < longest; i++) {
        for (const own of group) {
          const place = own[i]
          if (place !== undefined) results[place] = this.#score(place)
        }
      }
    }
    return results
  }

  #score(place: number): JudgedPoint {
    const [entity, point] = [this.#entities[place], this.#points[place]]
    assert(entity !== undefined && point !== undefined, 'a point that does not wait')
    return entity.score(point)
  }
}

function tell(out: StepOutput, result: JudgedPoint): void {
  out.scores.push(result)
  for (const event of result.events) out.events.push(event)
}
