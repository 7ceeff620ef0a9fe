import { h } from './dom.js'
import { cut, duration, grade, percent, reasonText, time } from './format.js'

/** @import { PointView } from '../../../runtime/views.ts' */

const SHOWN = 8

/** How far back; nothing where the detector does not tell. @param {number | undefined} lag @param {number} periodMs */
function whenText(lag, periodMs) {
  if (lag === undefined) return ''
  return lag === 0 ? 'this period' : `${lag} ${lag === 1 ? 'period' : 'periods'} back, ${duration(lag * periodMs)}`
}

/** @param {'above' | 'below' | undefined} direction */
function directionText(direction) {
  if (direction === undefined) return ''
  return direction === 'above' ? '▲ too high' : '▼ too low'
}

/**
 * One share for what is told both ways: a value that is far above all others, but below the one before it, is too high.
 * Of this period the band tells which it is, of earlier ones the larger share.
 *
 * @param {PointView} point
 * @param {readonly string[]} names of the inputs
 */
function sharesOf({ attribution, inputs }, names) {
  /** @type {Map<string, PointView['attribution'][number]>} */
  const shares = new Map()
  for (const each of [...attribution].sort((a, b) => b.share - a.share)) {
    const place = JSON.stringify([each.input, each.lag])
    const known = shares.get(place)
    if (known === undefined) shares.set(place, each)
    else
      shares.set(place, {
        ...known,
        ...sideOf(known, inputs[names.indexOf(known.input)]),
        share: known.share + each.share,
      })
  }
  return [...shares.values()].sort((a, b) => b.share - a.share)
}

/** @param {PointView['attribution'][number]} share @param {PointView['inputs'][number] | undefined} input @returns {{ direction?: 'above' | 'below' }} */
function sideOf({ lag }, input) {
  const { value = null, lower = null, upper = null } = input ?? {}
  if (lag !== 0 || value === null || lower === null || upper === null) return {}
  return value > upper ? { direction: 'above' } : value < lower ? { direction: 'below' } : {}
}

/**
 * What the score of an anomalous point consists of: by how many periods back, by input, and in which direction.
 *
 * @param {PointView | undefined} point
 * @param {readonly string[]} inputs
 * @param {number} periodMs
 */
export function attribution(point, inputs, periodMs) {
  if (point === undefined || point.grade === 0) {
    return h(
      'p',
      { class: 'nothing' },
      'Nothing here is anomalous. Pick a marked point to see what its grade consists of.',
    )
  }
  const head = h(
    'p',
    {},
    h('strong', {}, `Grade ${grade(point.grade)}`),
    ` at ${time(point.timestampMs)}: ${reasonText(point.reason)}.`,
  )
  if (point.attribution.length === 0) return h('div', {}, head)
  const shares = sharesOf(point, inputs).slice(0, SHOWN)
  const most = shares[0]?.share ?? 1
  const rows = shares.map(({ input, lag, direction, share }) => {
    const bar = h('span', { class: 'share-bar' })
    bar.style.inlineSize = `${Math.max(1, (100 * share) / most)}%`
    const parts = [inputs.length > 1 || lag === undefined ? cut(input, 60) : '', whenText(lag, periodMs)]
    const what = parts.filter((part) => part !== '').join(', ')
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, what),
      h('td', { class: 'direction' }, directionText(direction)),
      h('td', { class: 'share' }, bar),
      h('td', { class: 'figure' }, percent(share)),
    )
  })
  return h('div', {}, head, h('table', { class: 'shares' }, h('tbody', {}, ...rows)))
}
