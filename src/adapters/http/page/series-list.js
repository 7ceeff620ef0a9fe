import { getJson } from './api.js'
import { breakable, byId, h, setText } from './dom.js'
import { cut, grade, labelText, number } from './format.js'

/** @import { Page, SeriesSummary } from '../../../runtime/views.ts' */

const PAGE = 40
const PAGE_MAX = 500
const TYPING_MS = 150
const REFRESH_MS = 5_000
const NAME_SHOWN = 120
const LABELS_SHOWN = 240

/** @typedef {{ element: HTMLLIElement, link: HTMLAnchorElement, show: (series: SeriesSummary) => void }} Row */

/** The series at the side: found by words, filtered by grade, in the order asked for. */
export class SeriesList {
  #list = byId('series-list', HTMLOListElement)
  #search = byId('search', HTMLInputElement)
  #sort = byId('sort', HTMLSelectElement)
  #grade = byId('grade', HTMLSelectElement)
  #count = byId('count', HTMLSpanElement)
  #note = byId('list-note', HTMLParagraphElement)
  #more = byId('more', HTMLButtonElement)
  #limit = PAGE
  /** @type {Map<string, Row>} */
  #rows = new Map()
  /** @type {AbortController | undefined} */
  #asking
  #open = ''
  #troubled
  #askedMs = 0

  /** @param {(thrown: unknown) => void} troubled the API did not answer */
  constructor(troubled) {
    this.#troubled = troubled
    let typing = 0
    this.#search.addEventListener('input', () => {
      clearTimeout(typing)
      typing = window.setTimeout(() => this.#start(), TYPING_MS)
    })
    byId('search-form', HTMLFormElement).addEventListener('submit', (submitted) => {
      submitted.preventDefault()
      clearTimeout(typing)
      void this.#ask().then(() => this.focusFirst())
    })
    this.#sort.addEventListener('change', () => this.#start())
    this.#grade.addEventListener('change', () => this.#start())
    this.#more.addEventListener('click', () => {
      this.#limit = Math.min(PAGE_MAX, this.#limit * 4)
      void this.#ask()
    })
    this.#list.addEventListener('keydown', (pressed) => this.#keydown(pressed))
  }

  /** The worst series come with every overview; anything else is asked for now and then. @param {Page<SeriesSummary>} worst */
  overview(worst) {
    const plain = this.#search.value.trim() === '' && this.#grade.value === '' && this.#sort.value === 'grade'
    if (plain && this.#limit === PAGE) this.#show(worst, true)
    else if (Date.now() - this.#askedMs > REFRESH_MS) void this.#ask(true)
  }

  /** Marks the series that is open. @param {string} id */
  opened(id) {
    this.#open = id
    for (const [of, { link }] of this.#rows) mark(link, of === id)
  }

  focusSearch() {
    this.#search.focus()
    this.#search.select()
  }

  focusFirst() {
    this.#list.querySelector('a')?.focus()
  }

  /** To the row of a series, or the first one. @param {string} id */
  focus(id) {
    const row = this.#rows.get(id)
    if (row === undefined) this.focusFirst()
    else row.link.focus()
  }

  /** True when there was something to clear. */
  clearSearch() {
    if (this.#search.value === '') return false
    this.#search.value = ''
    this.#start()
    return true
  }

  #start() {
    this.#limit = PAGE
    void this.#ask()
  }

  async #ask(refresh = false) {
    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    this.#askedMs = Date.now()
    const query = {
      q: this.#search.value.trim(),
      gradeMin: this.#grade.value,
      sort: this.#sort.value,
      limit: this.#limit,
    }
    try {
      const page = await getJson('api/v1/series', query, asking.signal)
      if (!asking.signal.aborted) this.#show(page, refresh)
    } catch (thrown) {
      if (!asking.signal.aborted) this.#troubled(thrown)
    }
  }

  /** @param {Page<SeriesSummary>} page @param {boolean} refresh the reader did not ask for it just now */
  #show({ items, total }, refresh) {
    // Rows do not move away under a pointer or from under the focus; what they say is brought up to date.
    const held = refresh && this.#rows.size > 0 && this.#list.matches(':hover, :focus-within')
    const shown = new Set(items.map(({ id }) => id))
    for (const series of items) {
      const row = this.#rows.get(series.id)
      if (row !== undefined) row.show(series)
      else if (!held) this.#rows.set(series.id, this.#row(series))
    }
    if (!held) {
      for (const [id, { element }] of this.#rows) {
        if (shown.has(id)) continue
        element.remove()
        this.#rows.delete(id)
      }
      items.forEach(({ id }, at) => {
        const element = this.#rows.get(id)?.element
        if (element !== undefined && this.#list.children[at] !== element) {
          this.#list.insertBefore(element, this.#list.children[at] ?? null)
        }
      })
    }
    setText(this.#count, total === items.length ? `${total}` : `${items.length} of ${total}`)
    this.#note.hidden = total > 0
    setText(this.#note, this.#search.value.trim() === '' ? 'No series yet.' : 'No series has all of these words.')
    this.#more.hidden = items.length >= total || items.length >= PAGE_MAX
  }

  /** @param {SeriesSummary} series @returns {Row} */
  #row(series) {
    const name = h('span', { class: 'row-name' }, ...breakable(cut(series.name, NAME_SHOWN)))
    const labels = h('span', { class: 'row-labels' }, labelText(series.labels, LABELS_SHOWN))
    const value = h('span', { class: 'row-value' })
    const badge = h('span', { class: 'row-grade' })
    const alarm = h('span', { class: 'row-alarm' })
    const link = h('a', { href: `#/series/${series.id}`, class: 'row' }, name, badge, labels, alarm, value)
    mark(link, series.id === this.#open)
    const show = (/** @type {SeriesSummary} */ { latest, alarms, state }) => {
      const inAlarm = alarms.filter((each) => each.state === 'ALARM').length
      setText(badge, state === 'PENDING_TRAINING' ? 'learning' : grade(latest.grade))
      badge.dataset['level'] = state === 'PENDING_TRAINING' ? 'none' : level(latest.grade)
      setText(alarm, inAlarm === 0 ? '' : inAlarm === 1 ? 'ALARM' : `${inAlarm} ALARMS`)
      setText(value, number(latest.inputs[0]?.value))
    }
    show(series)
    return { element: h('li', {}, link), link, show }
  }

  /** @param {KeyboardEvent} pressed */
  #keydown(pressed) {
    const links = [...this.#list.querySelectorAll('a')]
    const at = links.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement))
    const steps = /** @type {Record<string, number>} */ ({
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: links.length - 1,
    })
    const next = steps[pressed.key]
    if (next === undefined) return
    pressed.preventDefault()
    if (next < 0) this.#search.focus()
    else links[next]?.focus()
  }
}

/** @param {HTMLAnchorElement} link @param {boolean} open */
function mark(link, open) {
  if (open) link.setAttribute('aria-current', 'page')
  else link.removeAttribute('aria-current')
}

/** @param {number} value */
const level = (value) => (value === 0 ? 'none' : value < 0.5 ? 'low' : 'high')
