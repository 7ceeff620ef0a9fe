/** Edits (insert, delete, replace, swap of neighbours) between two words; case does not count. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforePrevious[j - 2] ?? 0) + 1)
      }
      row.push(least)
    }
    beforePrevious = previous
    previous = row
  }
  return previous[b.length] ?? 0
}

const WORD_CHARS_MAX = 80
const LISTED_MAX = 24

/** The candidate that was probably meant, or undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > WORD_CHARS_MAX) return undefined
  const lower = word.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** What to do about an unknown word: the one that was probably meant, else all that there are. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates)
  if (near !== undefined) return `did you mean "${near}"?`
  if (candidates.length === 0) return 'there is none to choose from'
  const listed = candidates.slice(0, LISTED_MAX).join(', ')
  return candidates.length > LISTED_MAX ? `known: ${listed}, …` : `known: ${listed}`
}
