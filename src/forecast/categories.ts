import { TidegaugeError } from '../core/errors.ts'
import type { SeriesInput } from './deepar/prepared-series.ts'
import type { SeriesRecord } from './series-lines.ts'

/** Texts of each category over all series, in the order of their first appearance. */
export function categoryTexts(series: readonly SeriesRecord[]): readonly (readonly string[])[] {
  const count = series[0]?.categories.length ?? 0
  return Array.from({ length: count }, (_, c) => [...new Set(series.map((one) => one.categories[c] ?? ''))])
}

/** Series with their categories as indices. Throws INPUT_INVALID for a category that the texts do not have. */
export function indexCategories(
  series: readonly SeriesRecord[],
  texts: readonly (readonly string[])[],
  file: string,
): SeriesInput[] {
  const indices = texts.map((known) => new Map(known.map((text, i) => [text, i])))
  return series.map((one) => {
    if (one.categories.length !== texts.length) {
      throw new TidegaugeError('INPUT_INVALID', `${one.categories.length} categories, the model has ${texts.length}`, {
        where: `${file}: item ${one.itemId}: cat`,
        hint: 'give the categories that the model was trained with',
      })
    }
    const categories = one.categories.map((text, c) => {
      const index = indices[c]?.get(text)
      if (index !== undefined) return index
      throw new TidegaugeError('INPUT_INVALID', `category ${c} '${text}' was not in the training data`, {
        where: `${file}: item ${one.itemId}: cat[${c}]`,
        hint: `known: ${(texts[c] ?? []).slice(0, 8).join(', ')}`,
      })
    })
    return { itemId: one.itemId, startMs: one.startMs, target: one.target, categories, dynamic: one.dynamic }
  })
}
