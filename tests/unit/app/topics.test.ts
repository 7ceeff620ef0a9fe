import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ownTopics, pipelineTopics } from '../../../src/app/topics.ts'
import { loadPipelines, parsePipeline } from '../../../src/config/load.ts'

const file = (name: string) => fileURLToPath(new URL(`../../../pipelines/${name}.yaml`, import.meta.url))

function pipelines(...names: readonly string[]) {
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  const variable = (name: string) => (name.includes('SECRET') ? secret : 'https://example.org/hook')
  const environment = { variable, file: () => undefined }
  const loaded = loadPipelines(names.map(file), environment)
  if (!loaded.ok) throw loaded.error
  return loaded.value
}

it('lists each topic once, with all who use it, inputs first and without a number of partitions', () => {
  const topics = pipelineTopics(pipelines('host-metrics', 'service-latency'))
  expect(new Set(topics.map(({ topic }) => topic)).size).toBe(topics.length)
  const roles = topics.map(({ role }) => role)
  expect(roles[0]).toBe('input')
  expect(roles.slice(1)).not.toContain('input')
  for (const { role, partitions } of topics) expect(partitions === null).toBe(role === 'input')
  const shared = topics.filter(({ topic }) => topic === 'tidegauge.dead-letter')
  expect(shared).toMatchObject([
    { role: 'dead letters', partitions: 1, pipelines: ['host-metrics', 'service-latency'] },
  ])
})

it('creates outputs only: an input is its producers’ to create', () => {
  const names = ownTopics(pipelines('host-metrics')).map(({ topic }) => topic)
  expect(names).toEqual(
    expect.arrayContaining(['tidegauge.scores', 'tidegauge.alarms', 'tidegauge.dead-letter', 'tidegauge.state']),
  )
  expect(names).toHaveLength(4)
})

it('gives state as many partitions as the widest of its inputs, to be compacted', () => {
  const [config] = pipelines('host-metrics')
  const inputs = new Map(config?.source.kafka.topics.map((topic) => [topic, 6]))
  const state = ownTopics(pipelines('host-metrics'), inputs).filter(({ topic }) => topic === 'tidegauge.state')
  expect(state).toMatchObject([{ partitions: 6, config: { 'cleanup.policy': 'compact' } }])
})

it('creates the topic of sorted records as wide as its inputs, once those are there', () => {
  const text = 'name: web\nsource: { kafka: { topics: [a, b], rekey: true } }\n'
  const parsed = parsePipeline(text, 'web', { variable: () => undefined, file: () => undefined })
  if (!parsed.ok) throw parsed.error
  const sorted = (inputs: ReadonlyMap<string, number>) =>
    pipelineTopics([parsed.value], inputs).find(({ role }) => role === 'sorted')
  expect(sorted(new Map([['a', 3]]))).toMatchObject({ topic: 'tidegauge.rekeyed.web', partitions: null })
  expect(sorted(new Map(Object.entries({ a: 3, b: 5 })))).toMatchObject({ partitions: 5 })
})
