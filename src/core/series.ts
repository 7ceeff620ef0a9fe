export type Labels = Readonly<Record<string, string>>

/** A series: a metric's name with its labels. Two are the same exactly when their keys are. */
export interface Series {
  readonly name: string
  /** Without the name; keys in sorted order. */
  readonly labels: Labels
  /** Canonical text, as Prometheus writes it: `name{a="1",b="2"}`, labels sorted, values escaped. */
  readonly key: string
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }

function escapeValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/[\\"\n]/g, (c) => ESCAPES[c] ?? c) : value
}

/** The canonical key of a name and labels; empty label values count as absent, as in Prometheus. */
export function seriesKey(name: string, labels: Labels): string {
  const names = Object.keys(labels).filter((label) => labels[label] !== '')
  if (names.length === 0) return name
  names.sort()
  return `${name}{${names.map((label) => `${label}="${escapeValue(labels[label] ?? '')}"`).join(',')}}`
}

export function makeSeries(name: string, labels: Labels): Series {
  const sorted: Record<string, string> = {}
  for (const label of Object.keys(labels).sort()) {
    const value = labels[label]
    if (value !== undefined && value !== '') sorted[label] = value
  }
  return { name, labels: sorted, key: seriesKey(name, sorted) }
}
