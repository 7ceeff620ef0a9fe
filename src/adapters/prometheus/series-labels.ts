import type { Labels } from '../../core/series.ts'

/** A label name as Prometheus can hold it: letters, digits, `_`; no digit first; `__` at the start is reserved. */
function sanitizedName(name: string): string {
  const plain = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^__+/, '_')
  return /^[a-zA-Z_]/.test(plain) ? plain : `_${plain}`
}

/**
 * A series' labels as they are exposed: those of the input, and our own beside them. An input label that has the name
 * of one of ours is escaped as Prometheus escapes a scraped one, with `exported_` before it. Two labels whose names
 * become the same are joined, as OpenTelemetry does it: values in the order of the names, `;` between.
 */
export function exposedLabels(input: Labels, own: Labels): Labels {
  const labels = new Map<string, string>()
  for (const name of Object.keys(input).sort()) {
    let exposed = sanitizedName(name)
    while (Object.hasOwn(own, exposed)) exposed = `exported_${exposed}`
    const before = labels.get(exposed)
    const value = input[name] ?? ''
    labels.set(exposed, before === undefined ? value : `${before};${value}`)
  }
  return { ...Object.fromEntries(labels), ...own }
}

/** The labels of one metric of a series. `alarm` is ours too, on the alarm's metric: kept free on all, so that they agree. */
export function metricLabels(input: Labels, own: Labels): Labels {
  const { alarm: _, ...labels } = exposedLabels(input, { ...own, alarm: '' })
  return labels
}

/** Equal for labels that Prometheus could not tell apart. */
export function identityOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
