import { byId, h } from './dom.js'

const PASSING_MS = 8_000

/** Lines under the bar: what the reader has to know of the page itself. One of a kind at a time. */
export class Notices {
  #list = byId('notices', HTMLDivElement)
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map()

  /**
   * Stays until it is taken away.
   *
   * @param {string} kind
   * @param {string} text
   * @param {{ readonly label: string, readonly act: () => void }} [action]
   */
  show(kind, text, action) {
    const buttons = [
      action !== undefined && h('button', { type: 'button', on: { click: action.act } }, action.label),
      h(
        'button',
        { type: 'button', class: 'quiet', 'aria-label': 'Dismiss', on: { click: () => this.hide(kind) } },
        '×',
      ),
    ]
    const line = h('div', { class: 'notice', 'data-kind': kind }, h('span', {}, text), ...buttons)
    const before = this.#shown.get(kind)
    if (before?.firstChild?.textContent === text) return
    if (before === undefined) this.#list.append(line)
    else before.replaceWith(line)
    this.#shown.set(kind, line)
  }

  /** @param {string} kind */
  hide(kind) {
    this.#shown.get(kind)?.remove()
    this.#shown.delete(kind)
  }

  /** Goes away by itself. @param {string} text */
  pass(text) {
    const kind = `passing-${text}`
    this.show(kind, text)
    setTimeout(() => this.hide(kind), PASSING_MS)
  }
}
