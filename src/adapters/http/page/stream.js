import { ApiError, ask } from './api.js'

const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000]
const FULL_RETRY_MS = 20_000
/** A hidden tab lets go of its stream after this long: a browser opens few connections to one server. */
const HIDDEN_MS = 30_000

/**
 * @typedef {object} StreamHandlers
 * @property {(name: string, data: any) => void} event
 * @property {() => void} open
 * @property {(trouble: { readonly kind: 'lost' | 'full' | 'refused', readonly detail: string, readonly retryMs: number }) => void} trouble
 */

/**
 * The server's events, read with fetch because EventSource can neither send a token nor tell why it was refused.
 * Connects again by itself, each time a little later; and at once when the tab is looked at again.
 */
export class Stream {
  #handlers
  /** @type {() => string} */
  #query
  /** @type {AbortController | undefined} */
  #reading
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #failures = 0

  /** @param {() => string} query what to ask for, asked each time @param {StreamHandlers} handlers */
  constructor(query, handlers) {
    this.#query = query
    this.#handlers = handlers
    let hiding = 0
    document.addEventListener('visibilitychange', () => {
      clearTimeout(hiding)
      if (document.hidden) hiding = window.setTimeout(() => this.#stop(), HIDDEN_MS)
      else if (this.#reading === undefined) this.restart()
    })
  }

  /** Connects anew, as when something else is to be listened to. */
  restart() {
    this.#stop()
    const reading = new AbortController()
    this.#reading = reading
    void this.#read(reading.signal)
  }

  #stop() {
    clearTimeout(this.#timer)
    this.#reading?.abort()
    this.#reading = undefined
  }

  /** @param {AbortSignal} signal */
  async #read(signal) {
    let trouble = { kind: /** @type {'lost' | 'full' | 'refused'} */ ('lost'), detail: 'the connection ended' }
    try {
      const response = await ask(`api/v1/events?${this.#query()}`, { signal, cache: 'no-store' })
      this.#failures = 0
      this.#handlers.open()
      await this.#parse(response)
    } catch (thrown) {
      const detail = thrown instanceof Error ? thrown.message : String(thrown)
      const kind = !(thrown instanceof ApiError) ? 'lost' : thrown.status === 503 ? 'full' : 'refused'
      trouble = { kind, detail }
    }
    if (signal.aborted) return
    const soon = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)] ?? FULL_RETRY_MS
    // Not all at once: a thousand pages lost the same server.
    const retryMs = (trouble.kind === 'lost' ? soon : FULL_RETRY_MS) * (0.75 + Math.random() / 2)
    this.#reading = undefined
    this.#timer = setTimeout(() => this.restart(), retryMs)
    this.#handlers.trouble({ ...trouble, retryMs })
  }

  /** @param {Response} response */
  async #parse(response) {
    if (response.body === null) return
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (rest + value).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) this.#dispatch(block)
    }
  }

  /** @param {string} block */
  #dispatch(block) {
    const lines = block.split('\n')
    const name = lines.find((line) => line.startsWith('event: '))?.slice(7)
    const data = lines.find((line) => line.startsWith('data: '))?.slice(6)
    if (name !== undefined && data !== undefined) this.#handlers.event(name, JSON.parse(data))
  }
}
