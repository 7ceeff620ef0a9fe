import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { METRICS } from '../../src/adapters/prometheus/metrics.ts'
import { SERIES_METRICS } from '../../src/adapters/prometheus/series-metrics.ts'
import { loadPipelines, processEnvironment } from '../../src/config/load.ts'
import { SETTINGS } from '../../src/config/settings-table.ts'

const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy')
const read = (path: string) => readFileSync(join(DEPLOY, path), 'utf8')
const PORT = String(SETTINGS.httpPort.schema.parse(undefined))

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
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
    readonly services: Readonly<Record<string, Service>>
    readonly volumes: Readonly<Record<string, null>>
  }
  const services = Object.entries(compose.services)

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

  it('asks only for metrics that are exposed', () => {
    const known = new Set<string>(
      [...Object.values(METRICS), ...Object.values(SERIES_METRICS)].map((spec) => spec.name),
    )
    const asked = rules.flatMap(({ expr }) => expr.match(/(?<![:\w])tidegauge_\w+/g) ?? [])
    expect(asked.length).toBeGreaterThan(10)
    const unknown = asked.filter((name) => !known.has(name.replace(/_(bucket|sum|count)$/, '')))
    expect(unknown.filter((name) => !/^tidegauge_(process|nodejs)_/.test(name))).toEqual([])
  })

  it.each(alerts)('$alert is explained in the runbook and tested', ({ alert, labels, annotations }) => {
    expect(['warning', 'critical']).toContain(labels?.['severity'])
    expect(Object.keys(annotations ?? {})).toEqual(['summary', 'description', 'runbook'])
    expect(annotations?.['runbook']).toBe(`deploy/README.md#${alert.toLowerCase()}`)
    expect(read('README.md')).toContain(`\n### ${alert}\n`)
    expect(read('prometheus/rules.test.yml')).toContain(`alertname: ${alert}\n        exp_alerts:\n`)
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
