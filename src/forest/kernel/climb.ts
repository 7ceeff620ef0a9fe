// The way up from a leaf: the box in hand grows from that of a child to that of its parent.
import { boxAt, findBox, mayHaveBox } from './boxes'
import { boxCap } from './layout'
import { stepAt } from './descend'
import { boxJoin, boxLoad, boxUnite } from './measure'

/** Whether the box in hand is one that the tree keeps, after `climb`. */
export let kept: bool = false

/** With the box of the child at entries [first, first + mass) in hand, takes that of the node at `depth`. */
// @ts-ignore: decorator
@inline
export function climb<T>(tree: usize, blocks: usize, depth: u32, first: u32, mass: u32): void {
  const step = stepAt(depth)
  const a = <u32>load<u16>(step, 2)
  const n = <u32>load<u16>(step, 4)
  kept = false
  if (boxCap > 0 && mayHaveBox(n)) {
    const place = findBox(tree, load<u16>(step))
    if (place >= 0) {
      boxLoad<T>(boxAt(tree, place))
      kept = true
      return
    }
    const sibling = n - mass
    if (mayHaveBox(sibling)) {
      const record = <u32>load<u16>(step)
      const other = findBox(tree, load<u16>(step, 6) ? record + mass : record + 1)
      if (other >= 0) {
        boxUnite<T>(boxAt(tree, other))
        return
      }
    }
  }
  if (load<u16>(step, 6)) boxJoin<T>(tree, blocks, first + mass, a + n)
  else boxJoin<T>(tree, blocks, a, first)
}
