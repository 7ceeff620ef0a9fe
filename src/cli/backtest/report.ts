import { type PlotInput, plotSvg } from './report-plot.ts'
import type { FileSummary } from './summary.ts'
import { type BacktestSummary, renderSummary } from './summary.ts'

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--quiet:#68707a;--line:#d7dbe0;--value:#1f6feb;--band:#9db9e8;--score:#8250df;--alert:#d1242f;--window:#f5c04426}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#15181c;--quiet:#98a1ab;--line:#30363d;--value:#6cb0ff;--band:#3c5c8c;--score:#b392f0;--alert:#ff7b72;--window:#f5c04430}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1240px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}a{color:var(--value)}pre{color:var(--quiet);overflow-x:auto}p{color:var(--quiet)}
table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right}td:first-child,th:first-child{text-align:left}
svg{width:100%;height:auto;display:block}path{fill:none;vector-effect:non-scaling-stroke}
.value{stroke:var(--value);stroke-width:1.2}.bound{stroke:var(--band);stroke-width:1}.score{stroke:var(--score);stroke-width:1}
.grid{stroke:var(--line);stroke-width:1}.tick{fill:var(--quiet);font-size:12px}
.threshold{stroke:var(--alert);stroke-width:1;stroke-dasharray:4 4}.anomaly{fill:var(--alert)}.window{fill:var(--window)}
`

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ESCAPES[c] ?? c)
}

function page(title: string, body: string): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>`
  return `<!doctype html><html lang="en"><head>${head}<style>${STYLE}</style></head><body>${body}</body></html>\n`
}

/** The page of one file: nothing is loaded from elsewhere. `back` is the way to the index. */
export function filePage(summary: FileSummary, plot: PlotInput, back: string): string {
  const { name, rows, alerts } = summary
  const legend =
    'Value with its band; red: grade above 0 (hover for the reason); shaded: labelled; below: the score, dashed at 1. Times are UTC.'
  const body = `<p><a href="${back}">all files</a></p><h1>${escapeHtml(name)}</h1><p>${rows} records, ${alerts} ${alerts === 1 ? 'alert' : 'alerts'}</p>${plotSvg(plot)}<p>${legend}</p>`
  return page(name, body)
}

/** The index of all files with the summary. */
export function indexPage(summary: BacktestSummary): string {
  const rows = summary.files.map((file) => {
    const link = `${file.name.split('/').map(encodeURIComponent).join('/')}.html`
    return `<tr><td><a href="${link}">${escapeHtml(file.name)}</a></td><td>${file.rows}</td><td>${file.periodMs / 1000} s</td><td>${file.missingPeriods + file.missingValues}</td><td>${file.alerts}</td></tr>`
  })
  const header = '<tr><th>file</th><th>records</th><th>period</th><th>missing</th><th>alerts</th></tr>'
  const text = escapeHtml(renderSummary(summary))
  return page('Backtest', `<h1>Backtest</h1><pre>${text}</pre><table>${header}${rows.join('')}</table>`)
}
