const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Milliseconds of a duration such as `90s`, `5m`, `1h30m`, or undefined when the text is none. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)]
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined
  return parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS_MS[part[2] ?? ''] ?? 0), 0)
}

/** The shortest exact text of a duration: 90000 -> `90s`, 300000 -> `5m`. */
export function formatDuration(durationMs: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's']) {
    const size = UNITS_MS[unit] ?? 1
    if (durationMs >= size && durationMs % size === 0) return `${durationMs / size}${unit}`
  }
  return `${durationMs}ms`
}
