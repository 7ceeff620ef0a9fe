import type { Accuracy } from '../../forecast/accuracy.ts'

/** Accuracies side by side: a row a measure, a column a forecaster. */
export function accuracyTable(scores: Readonly<Record<string, Accuracy>>, levels: readonly number[]): string {
  const names = Object.keys(scores)
  const all = Object.values(scores)
  const number = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '-' : value.toPrecision(4)
  const row = (name: string, pick: (accuracy: Accuracy) => number | undefined) => [
    name,
    ...all.map((one) => number(pick(one))),
  ]
  const rows = [
    ['', ...names],
    row('mean wQL', (one) => one.meanWql),
    row('macro wQL', (one) => one.macroWql),
    row('ND', (one) => one.nd),
    row('NRMSE', (one) => one.nrmse),
    row('MASE', (one) => one.mase),
    row('sMAPE', (one) => one.smape),
    ...levels.map((level, i) => row(`wQL[${level}]`, (one) => one.wql[i])),
    ...levels.map((level, i) => row(`coverage[${level}]`, (one) => one.coverage[i])),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? []
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  const first = all[0]
  return `${rows.map(line).join('\n')}\n${first?.windows ?? 0} windows, ${first?.steps ?? 0} observed steps\n`
}
