/** Whether one of the ranges, pairs of first and end in order, holds a number. */
export function covers(ranges: readonly number[], value: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (value >= ranges[i]! && value < ranges[i + 1]!) return true
  }
  return false
}

/** Adds the range [first, end): those that touch it become one with it. */
export function joinRange(ranges: readonly number[], first: number, end: number): readonly number[] {
  const joined: number[] = []
  let from = first
  let to = end
  let placed = false
  for (let i = 0; i < ranges.length; i += 2) {
    const a = ranges[i]!
    const b = ranges[i + 1]!
    if (b < from) joined.push(a, b)
    else if (a > to) {
      if (!placed) joined.push(from, to)
      placed = true
      joined.push(a, b)
    } else {
      from = Math.min(from, a)
      to = Math.max(to, b)
    }
  }
  if (!placed) joined.push(from, to)
  return joined
}
