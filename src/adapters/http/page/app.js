import { ApiError, getJson } from './api.js'
import { byId, h, setText } from './dom.js'
import { duration, time } from './format.js'
import { Notices } from './notices.js'
import { overviewPanel } from './overview.js'
import { SeriesList } from './series-list.js'
import { SeriesView } from './series-view.js'
import { Stream } from './stream.js'

/** @import { Overview } from './overview.js' */

/** A series that could not be had is asked for again after this long. */
const AGAIN_MS = 4_000

const main = byId('main', HTMLElement)
const frame = byId('frame', HTMLDivElement)
const pulse = byId('pulse', HTMLAnchorElement)
const help = byId('help', HTMLDialogElement)
const notices = new Notices()
const list = new SeriesList((thrown) => {
  if (thrown instanceof ApiError) notices.show('list', thrown.message)
})
const stream = new Stream(query, { event: handle, open: connected, trouble })

/** @type {SeriesView | undefined} */
let view
/** @type {Overview | undefined} */
let overview
/** Names the run of the process that this page first saw. @type {string | undefined} */
let startId
/** @type {number | undefined} */
let lostAtMs

function query() {
  if (view === undefined) return ''
  return new URLSearchParams({
    series: view.id,
    ...(view.newestMs === undefined ? {} : { since: String(view.newestMs) }),
  }).toString()
}

/** What the address names after its #: the overview, or a series. */
async function route() {
  const id = /^#\/series\/([A-Za-z0-9_-]{1,64})$/.exec(location.hash)?.[1]
  const from = view
  if (id === from?.id && view !== undefined) return
  view?.destroy()
  view = id === undefined ? undefined : new SeriesView(id, (text) => notices.pass(text))
  frame.dataset['view'] = id === undefined ? 'overview' : 'series'
  list.opened(id ?? '')
  if (view === undefined) {
    document.title = 'Tidegauge'
    main.replaceChildren()
    showOverview()
    if (from !== undefined) back(from.id)
  } else {
    main.replaceChildren(view.element)
    await load(view)
    view?.focus()
    scrollTo(0, 0)
  }
  stream.restart()
}

/** From a series back to the overview: to where one was in the list, or on a phone to the top. @param {string} id */
function back(id) {
  if (matchMedia('(max-width: 820px)').matches) scrollTo(0, 0)
  else list.focus(id)
}

/** @param {SeriesView} opened */
async function load(opened) {
  try {
    await opened.load()
    if (view !== opened) return
    if (!main.contains(opened.element)) main.replaceChildren(opened.element)
    document.title = `${opened.element.querySelector('h2')?.textContent?.slice(0, 80)} · Tidegauge`
  } catch (thrown) {
    if (view !== opened) return
    // Soon after a start a series is not there until its next point has come: what is shown stays, and is asked for again.
    setTimeout(() => view === opened && void load(opened), AGAIN_MS)
    if (thrown instanceof ApiError && opened.newestMs === undefined) showMissing(thrown)
  }
}

/** @param {ApiError} error */
function showMissing({ status, message }) {
  main.replaceChildren(
    h(
      'div',
      { class: 'panel missing' },
      h('h2', { tabIndex: -1 }, status === 404 ? 'This series is not shown here.' : 'The series cannot be shown.'),
      h('p', {}, `${message}. This page looks for it again by itself.`),
      h('a', { href: '#/' }, 'Back to the overview'),
    ),
  )
}

function showOverview() {
  if (view !== undefined || overview === undefined) return
  const focused = main.contains(document.activeElement) ? document.activeElement?.getAttribute('href') : undefined
  const open = [...main.querySelectorAll('details')].map((details) => details.open)
  main.replaceChildren(overviewPanel(overview))
  for (const [i, details] of [...main.querySelectorAll('details')].entries()) details.open = open[i] ?? false
  if (focused) main.querySelector(/** @type {'a'} */ (`a[href="${CSS.escape(focused)}"]`))?.focus()
}

/** @param {string} name @param {any} data */
function handle(name, data) {
  switch (name) {
    case 'hello':
      return hello(data)
    case 'overview':
      overview = /** @type {Overview} */ (data)
      list.overview(overview.worst)
      showPulse()
      return showOverview()
    case 'points':
      return data.seriesId === view?.id ? view?.add(data.points) : undefined
    case 'alarms': {
      const changes = data.changes.filter((/** @type {{ seriesId: string }} */ { seriesId }) => seriesId === view?.id)
      return changes.length > 0 ? view?.addChanges(changes) : undefined
    }
  }
}

/** @param {{ startId: string, version: string }} now */
function hello(now) {
  if (startId !== undefined && startId !== now.startId) {
    const text = `Tidegauge was restarted (version ${now.version}). What you see is up to date; reload to be sure that the page is, too.`
    notices.show('restarted', text, { label: 'Reload', act: () => location.reload() })
    if (view !== undefined) void load(view)
  }
  startId = now.startId
}

function connected() {
  lostAtMs = undefined
  document.body.classList.remove('stale')
  notices.hide('lost')
  notices.hide('full')
}

/** @param {{ kind: 'lost' | 'full' | 'refused', detail: string, retryMs: number }} trouble */
function trouble({ kind, detail, retryMs }) {
  if (kind === 'full') {
    notices.show('full', `${detail}. This page looks for news every ${duration(retryMs)} instead.`)
    void poll()
    return
  }
  lostAtMs ??= Date.now()
  document.body.classList.add('stale')
  const text = `No connection since ${time(lostAtMs)}: what you see is from then. Trying again by itself.`
  notices.show('lost', kind === 'refused' ? `${text} (${detail})` : text)
  pulse.dataset['state'] = 'lost'
  setText(byId('pulse-text', HTMLSpanElement), 'Not connected')
}

/** Without events: asks for what they would have told. */
async function poll() {
  try {
    const [{ pipelines }, worst, alarms, { problems, degraded = [] }] = await Promise.all([
      getJson('api/v1/pipelines', {}),
      getJson('api/v1/series', { sort: 'grade', limit: 40 }),
      getJson('api/v1/alarms', { state: 'ALARM', limit: 60 }),
      // Not ready is an answer like any other.
      fetch('health/ready').then((response) => response.json()),
    ])
    handle('overview', { pipelines, worst, alarms, problems, degraded, changes: [] })
    if (view !== undefined) await view.load()
  } catch {
    // The next attempt to connect says what is wrong.
  }
}

function showPulse() {
  if (overview === undefined) return
  const { pipelines, problems } = overview
  const lag = pipelines.reduce((sum, pipeline) => sum + pipeline.lag, 0)
  const inAlarm = overview.alarms.total
  const watched = `${pipelines.length} ${pipelines.length === 1 ? 'pipeline' : 'pipelines'}, lag ${lag}`
  const troubled = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`
  pulse.dataset['state'] = problems.length > 0 ? 'problem' : inAlarm > 0 ? 'alarm' : 'well'
  const alarms = inAlarm > 0 ? `${inAlarm} in alarm` : 'no alarm'
  setText(byId('pulse-text', HTMLSpanElement), `${problems.length > 0 ? troubled : alarms} · ${watched}`)
}

/** @param {EventTarget | null} target */
const writing = (target) => target instanceof HTMLInputElement || target instanceof HTMLSelectElement

/** @param {KeyboardEvent} pressed */
function keydown(pressed) {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || document.querySelector('dialog[open]') !== null) return
  if (pressed.key === 'Escape') {
    if (writing(pressed.target) && pressed.target instanceof HTMLElement) {
      if (!list.clearSearch()) pressed.target.blur()
    } else if (view !== undefined && !view.clear()) location.hash = '#/'
    return
  }
  if (pressed.key === 'ArrowDown' && pressed.target === document.getElementById('search')) {
    pressed.preventDefault()
    return list.focusFirst()
  }
  if (writing(pressed.target)) return
  const actions = /** @type {Record<string, () => void>} */ ({
    '/': () => list.focusSearch(),
    '?': () => help.showModal(),
    n: () => view?.anomaly(1),
    p: () => view?.anomaly(-1),
  })
  const action = actions[pressed.key]
  if (action === undefined) return
  pressed.preventDefault()
  action()
}

document.addEventListener('keydown', keydown)
byId('help-open', HTMLButtonElement).addEventListener('click', () => help.showModal())
addEventListener('hashchange', () => void route())
void route()
