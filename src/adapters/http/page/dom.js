/**
 * An element. Text only ever becomes text: whatever a label or a reason holds, nothing of it is read as markup.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Readonly<Record<string, unknown>>} [given] `class`, `on` (listeners by event), properties, or attributes
 *   (those with a dash, and role)
 * @param {...(Node | string | false | null | undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue
    if (name === 'class') element.className = String(value)
    else if (name === 'on') {
      for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener)
    } else if (name.includes('-') || name === 'role') element.setAttribute(name, String(value))
    else Reflect.set(element, name, value)
  }
  element.append(...children.filter((child) => child !== false && child !== null && child !== undefined))
  return element
}

/**
 * An element that index.html has.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new Error(`the page has no #${id}`)
}

/**
 * Text that may be broken after its separators: names of metrics are long words.
 *
 * @param {string} text
 */
export function breakable(text) {
  const parts = text.split(/(?<=[_.:/{,])/)
  return parts.flatMap((part, i) => (i === 0 ? [part] : [document.createElement('wbr'), part]))
}

/** Sets text only where it differs, so that a selection made by the reader lasts. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}
