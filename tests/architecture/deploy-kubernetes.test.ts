import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { METRICS } from '../../src/adapters/prometheus/metrics.ts'
import { loadPipelines, processEnvironment } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { SETTINGS, type Setting } from '../../src/config/settings-table.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'deploy', 'kubernetes')
const PORT = SETTINGS.httpPort.schema.parse(undefined)
/** What a variable of the environment may be called: those of the settings, and files that hold a secret one. */
const VARIABLES = Object.values<Setting>(SETTINGS).flatMap(({ variables, flag }) =>
  flag === undefined ? variables.flatMap((name) => [name, `${name}_FILE`]) : variables,
)

/** As much of any object as is looked at here. */
interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  // Every kind has another shape: the schema knows it, and this test looks into a few.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly spec: any
  readonly data?: Readonly<Record<string, string>>
}

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))
const documentsOf = (text: string) =>
  parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]
    return document.toJS() as Manifest
  })
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const manifests = files
  .filter((name) => !name.endsWith('kustomization.yaml') && !name.endsWith('pipeline.yaml'))
  .flatMap((name) => documentsOf(read(name)))

function one(kind: string, from: readonly Manifest[] = manifests): Manifest {
  const found = from.find((manifest) => manifest.kind === kind)
  if (found === undefined) throw new Error(`there is no ${kind}`)
  return found
}

/** Checks an object against the schema of its kind, as the API server would. */
async function validate(manifest: Manifest): Promise<void> {
  const { apiVersion, kind } = manifest
  const isOperators = apiVersion.startsWith('monitoring.coreos.com/')
  const module = `${isOperators ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}/${kind}`
  const models = (await import(module)) as Record<string, { readonly prototype: { validate(this: unknown): void } }>
  const Model = models[kind]
  if (Model === undefined) throw new Error(`${module} has no ${kind}`)
  const unread = new Set<string>()
  Model.prototype.validate.call(watched(manifest, '', unread))
  if (unread.size > 0) throw new Error(`${kind} has no ${[...unread].join(', ')}`)
}

/**
 * The schemas let fields pass that they do not know, and a misspelled one would do nothing. A validator reads every
 * field that it knows: those that it never reads are left in `unread`.
 */
function watched<T>(value: T, path: string, unread: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value
  const inner = new Map(
    Object.entries(value).map(([key, child]) => {
      const at = Array.isArray(value) ? path : `${path}.${key}`
      if (!Array.isArray(value)) unread.add(at)
      return [key, { at, child: watched(child, at, unread) }] as const
    }),
  )
  return new Proxy(value, {
    get: (target, key, receiver) => {
      const known = inner.get(String(key))
      if (known === undefined) return Reflect.get(target, key, receiver)
      unread.delete(known.at)
      return known.child
    },
  })
}

describe('deploy/kubernetes', () => {
  it.each(manifests.map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    '%s %s is what its schema says',
    (_, __, manifest) => validate(manifest),
  )

  it('would notice a field that does not exist, or is of another type', async () => {
    const budget = one('PodDisruptionBudget')
    await expect(validate({ ...budget, spec: { ...budget.spec, maxUnavailabel: 1 } })).rejects.toThrow()
    await expect(validate({ ...budget, spec: { ...budget.spec, selector: 'all' } })).rejects.toThrow()
  })

  it('lists every file in a kustomization, and lists none that is not there', () => {
    const listed = files
      .filter((name) => name.endsWith('kustomization.yaml'))
      .flatMap((name) => {
        const { resources = [] } = documentsOf(read(name))[0] as unknown as { resources?: readonly string[] }
        return resources.map((resource) => relative(FOLDER, join(FOLDER, name, '..', resource)))
      })
    const made = files.filter((name) => !/(kustomization|pipeline)\.yaml$/.test(name))
    expect(listed.filter((name) => name.endsWith('.yaml')).sort()).toEqual(made.sort())
  })
})

describe('the pods', () => {
  const set = one('StatefulSet').spec
  const pod = set.template.spec
  const [container] = pod.containers

  it('agree with the service on its port, and with its health on the paths of the probes', () => {
    expect(container.ports).toEqual([{ name: 'http', containerPort: PORT }])
    for (const { spec } of manifests.filter(({ kind }) => kind === 'Service')) {
      expect(spec.ports).toEqual([{ name: 'http', port: PORT, targetPort: 'http' }])
    }
    const paths = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => container[probe].httpGet)
    expect(paths).toEqual(['live', 'live', 'ready'].map((path) => ({ path: `/health/${path}`, port: 'http' })))
    const routes = readFileSync(join(FOLDER, '../../src/adapters/http/routes/health.ts'), 'utf8')
    for (const { path } of paths) expect(routes).toContain(path.split('/').at(-1))
  })

  it('have no rights that they do not need, and can be admitted under the restricted standard', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.resources.limits.memory).toBeDefined()
  })

  it('name settings that exist, and volumes that they have', () => {
    for (const { name } of container.env) expect(VARIABLES).toContain(name)
    const volumes = [...pod.volumes, ...set.volumeClaimTemplates.map((claim: Manifest) => claim.metadata)]
    const mounted = container.volumeMounts.map(({ name }: { name: string }) => name)
    expect(mounted.sort()).toEqual(volumes.map(({ name }) => name).sort())
    expect(set.serviceName).toBe('tidegauge-pods')
    expect(container.args[1]).toBe(
      `${container.volumeMounts.find((m: { name: string }) => m.name === 'pipeline').mountPath}/pipeline.yaml`,
    )
  })

  it('have as long to stop as a drain takes', () => {
    // Commit and checkpoint; then 10 s each for notifications and remote write.
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(60)
  })
})

describe('the example', () => {
  it('has a pipeline that loads', () => {
    const environment = { ...processEnvironment(), variable: () => 'http://alertmanager:9093' }
    const loaded = loadPipelines([join(FOLDER, 'example/pipeline.yaml')], environment)
    expect(loaded.ok ? [] : loaded.error.problems).toEqual([])
  })

  it('has settings that are read, and a secret that must be replaced first', () => {
    const { configMapGenerator } = documentsOf(read('example/kustomization.yaml'))[0] as unknown as {
      configMapGenerator: readonly { name: string; literals?: readonly string[] }[]
    }
    const literals = configMapGenerator
      .flatMap((map) => map.literals ?? [])
      .map((line) => line.split('=') as [string, string])
    const given = Object.fromEntries(literals)
    for (const name of Object.keys(given).filter((one) => one.startsWith('TIDEGAUGE_')))
      expect(VARIABLES).toContain(name)
    const file = /^api-token=(.*)$/m.exec(read('example/secrets.env'))?.[1]
    const settings = (token: string | undefined) =>
      loadSettings(
        {},
        {
          variable: (name) => (name === 'TIDEGAUGE_API_TOKEN_FILE' ? 'api-token' : given[name]),
          file: () => token,
        },
      )
    expect(settings(file).ok).toBe(false)
    expect(settings('a'.repeat(64))).toMatchObject({
      ok: true,
      value: { kafka: { brokers: [given['TIDEGAUGE_BROKERS']] } },
    })
  })

  it('scales on a metric that is exposed', () => {
    const { metrics, scaleTargetRef } = one('HorizontalPodAutoscaler').spec
    expect(Object.values(METRICS).map(({ name }) => name)).toContain(metrics[0].external.metric.name)
    const { name } = documentsOf(read('example/pipeline.yaml'))[0] as unknown as { name: string }
    expect(metrics[0].external.metric.selector.matchLabels.pipeline).toBe(name)
    expect(scaleTargetRef).toMatchObject({ kind: 'StatefulSet', name: one('StatefulSet').metadata.name })
  })

  it('lets Prometheus in, with the labels that series bring along', () => {
    const [endpoint] = one('ServiceMonitor').spec.endpoints
    expect(endpoint).toMatchObject({ port: 'http', path: '/metrics', honorLabels: true })
    const token = one('StatefulSet').spec.template.spec.containers[0].env.find(
      ({ name }: { name: string }) => name === 'TIDEGAUGE_API_TOKEN_FILE',
    )
    expect(token.value.split('/').at(-1)).toBe(endpoint.authorization.credentials.key)
  })
})

const kubectl = spawnSync('kubectl', ['kustomize', join(FOLDER, 'example')], { encoding: 'utf8' })

describe.skipIf(kubectl.error !== undefined)('kubectl kustomize', () => {
  it('builds the example into whole, consistent objects', async () => {
    expect(kubectl.stderr).toBe('')
    const built = documentsOf(kubectl.stdout)
    await Promise.all(built.map(validate))
    const kinds = built.map(({ kind }) => kind)
    expect(kinds).toEqual(
      expect.arrayContaining(['StatefulSet', 'PodDisruptionBudget', 'NetworkPolicy', 'ServiceMonitor']),
    )
    const { template, selector } = one('StatefulSet', built).spec
    expect(template.metadata.labels).toMatchObject(selector.matchLabels)
    for (const { spec } of built.filter(({ kind }) => kind === 'Service'))
      expect(spec.selector).toEqual(selector.matchLabels)
    expect(one('PodDisruptionBudget', built).spec.selector).toEqual(selector)
    expect(one('NetworkPolicy', built).spec.podSelector).toEqual(selector)
    expect(template.spec.containers[0].image).toMatch(/^tidegauge:\d+\.\d+\.\d+$/)
    const names = new Set(built.map(({ metadata }) => metadata.name))
    const [pipeline, secrets] = template.spec.volumes
    expect(names).toContain(pipeline.configMap.name)
    expect(names).toContain(secrets.secret.secretName)
    expect(names).toContain(one('ServiceMonitor', built).spec.endpoints[0].authorization.credentials.name)
  })
})
