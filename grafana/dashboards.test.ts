import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { METRICS } from '../src/adapters/prometheus/metrics.ts'
import { SERIES_METRICS } from '../src/adapters/prometheus/series-metrics.ts'
import { type Dashboard, expressions, type Panel } from '../tests/support/grafana.ts'
import { DASHBOARDS, dashboardPath, dashboardText } from './build.ts'

const KNOWN = new Set<string>([...Object.values(METRICS), ...Object.values(SERIES_METRICS)].map((spec) => spec.name))
const SUFFIX = /_(bucket|sum|count)$/

const GRAFANAS_OWN = ['__interval', '__range_s', '__rate_interval']

const overlap = (a: Panel, b: Panel) => {
  if (a.gridPos === undefined || b.gridPos === undefined) return false
  const [p, q] = [a.gridPos, b.gridPos]
  return p.x < q.x + q.w && q.x < p.x + p.w && p.y < q.y + q.h && q.y < p.y + p.h
}

describe.each(DASHBOARDS)('$file', ({ file, build }) => {
  const text = readFileSync(dashboardPath(file), 'utf8')
  const dashboard = JSON.parse(text) as Dashboard

  it('is what its source builds (else run: node --import tsx grafana/build.ts)', () => {
    expect(text).toBe(dashboardText(build))
  })

  it('asks only for metrics that are exposed', () => {
    const names = expressions(dashboard).flatMap(({ expr }) => expr.match(/\b(tidegauge|process|nodejs)_\w+/g) ?? [])
    expect(names.length).toBeGreaterThan(0)
    const processMetric = /^tidegauge_(process|nodejs)_/
    expect(
      names.filter((name) => !KNOWN.has(name.replace(SUFFIX, '')) && !KNOWN.has(name) && !processMetric.test(name)),
    ).toEqual([])
  })

  it('says in every panel what it answers, and lays none over another', () => {
    for (const panel of dashboard.panels) {
      expect(panel.description, panel.title).toMatch(/^[A-Z].*\.$/)
      expect(dashboard.panels.filter((other) => overlap(panel, other))).toEqual([panel])
      expect((panel.gridPos?.x ?? 0) + (panel.gridPos?.w ?? 0)).toBeLessThanOrEqual(24)
    }
  })
})

describe.each(DASHBOARDS)('$file as Grafana reads it', ({ file }) => {
  const dashboard = JSON.parse(readFileSync(dashboardPath(file), 'utf8')) as Dashboard
  const chosen = { type: 'prometheus', uid: `\${datasource}` }
  const { panels } = dashboard

  it('asks the data source that the reader chose, everywhere', () => {
    const [first, ...variables] = dashboard.templating.list
    expect(first).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' })
    const askers = [
      ...variables.map(({ name, datasource }) => [`variable ${name}`, datasource] as const),
      ...panels.map(({ title, datasource }) => [`panel ${title}`, datasource] as const),
      ...panels.flatMap(({ title, targets = [] }) =>
        targets.map((one) => [`${title}/${one.refId}`, one.datasource] as const),
      ),
      ...(dashboard.annotations.list ?? []).map(({ name, datasource }) => [`annotation ${name}`, datasource] as const),
    ]
    for (const [asker, datasource] of askers) expect(datasource, asker).toEqual(chosen)
  })

  it('numbers its panels, and gives each a title, queries and a place of its own', () => {
    expect(panels.map(({ id }) => id)).toEqual(panels.map((_, i) => i + 1))
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
    for (const { title, targets = [], gridPos } of panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length)
      expect(targets.length, title).toBeGreaterThan(0)
      expect(Math.min(gridPos?.w ?? 0, gridPos?.h ?? 0), title).toBeGreaterThan(2)
    }
  })

  it('uses no variable that it does not have', () => {
    const known = new Set([...dashboard.templating.list.map(({ name }) => name), ...GRAFANAS_OWN])
    const used = expressions(dashboard).flatMap(({ expr }) => [...expr.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name))
    expect(used.filter((name) => !known.has(name ?? ''))).toEqual([])
  })
})

describe('grafana/', () => {
  it('builds every dashboard that is committed, each under an id of its own', () => {
    expect(readdirSync(join(import.meta.dirname, 'dashboards')).sort()).toEqual(
      DASHBOARDS.map(({ file }) => file).sort(),
    )
    const uids = DASHBOARDS.map(({ file }) => (JSON.parse(readFileSync(dashboardPath(file), 'utf8')) as Dashboard).uid)
    expect(new Set(uids).size).toBe(uids.length)
    const home = readFileSync(join(import.meta.dirname, '../deploy/compose.yaml'), 'utf8')
    expect(DASHBOARDS.map(({ file }) => `/etc/tidegauge/dashboards/${file}`)).toContain(
      /HOME_DASHBOARD_PATH: (.*)/.exec(home)?.[1],
    )
  })

  it('provisions a data source and the dashboards', () => {
    const read = (path: string) => parse(readFileSync(join(import.meta.dirname, 'provisioning', path), 'utf8'))
    expect(read('datasources/prometheus.yaml').datasources).toMatchObject([{ type: 'prometheus', isDefault: true }])
    expect(read('dashboards/tidegauge.yaml').providers).toMatchObject([{ type: 'file' }])
  })
})
