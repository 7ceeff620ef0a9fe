import { byId } from './dom.js'

const TOKEN = 'tidegauge-token'

/** What the API said no with. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message @param {string | undefined} hint */
  constructor(status, message, hint) {
    super(hint === undefined ? message : `${message}: ${hint}`)
    this.status = status
  }
}

/** @returns {Record<string, string>} */
function authorization() {
  const token = sessionStorage.getItem(TOKEN)
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

/** @type {Promise<void> | undefined} */
let asking

/** Asks for a token once, however many requests want one. */
function askToken() {
  asking ??= new Promise((resolve) => {
    const dialog = byId('token-dialog', HTMLDialogElement)
    const input = byId('token', HTMLInputElement)
    const form = byId('token-form', HTMLFormElement)
    const done = (/** @type {Event} */ submitted) => {
      submitted.preventDefault()
      sessionStorage.setItem(TOKEN, input.value)
      input.value = ''
      dialog.close()
      asking = undefined
      resolve()
    }
    form.addEventListener('submit', done, { once: true })
    if (!dialog.open) dialog.showModal()
  })
  return asking
}

/**
 * A request to the API; throws ApiError with what the server says when it says no, and whatever fetch throws when
 * there is no server.
 *
 * @param {string} path relative to the page, so that a proxy may put it under any prefix
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
export async function ask(path, init = {}) {
  const response = await fetch(path, { ...init, headers: { ...init.headers, ...authorization() } })
  if (response.ok) return response
  if (response.status === 401) {
    await askToken()
    return ask(path, init)
  }
  const body = await response.json().catch(() => undefined)
  throw new ApiError(response.status, body?.error?.message ?? `HTTP ${response.status}`, body?.error?.hint)
}

/**
 * @param {string} path
 * @param {Readonly<Record<string, string | number | undefined>>} query
 * @param {AbortSignal} [signal]
 */
export async function getJson(path, query, signal) {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const response = await ask(`${path}?${search}`, signal === undefined ? {} : { signal })
  return response.json()
}

/** @param {string} path @param {object} body */
export async function postJson(path, body) {
  const headers = { 'content-type': 'application/json' }
  const response = await ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
  return response.json()
}
