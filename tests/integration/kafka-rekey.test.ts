import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { rekeyedTopic } from '../../src/app/rekeyed-source.ts'
import { Rng } from '../../src/core/rng.ts'
import { readAllCommitted } from '../support/committed-records.ts'
import { freshTopic, kafkaBrokers, publish, testClient, uniqueName } from '../support/kafka.ts'
import { fleetRecords, minutesAgo } from '../support/run-lab.ts'
import { Tidegauge } from '../support/tidegauge.ts'

const PARTITIONS = 3
const KILLS = 4

/** A pipeline that sorts its records first, and what a test asks of it. */
async function sortingPipeline(topic: string) {
  const folder = await mkdtemp(join(tmpdir(), 'tidegauge-rekey-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const group = uniqueName('sorting')
  const file = join(folder, 'pipeline.yaml')
  writeFileSync(
    file,
    `
name: sorting
source: { kafka: { topics: [${topic}], group: ${group}, from: earliest, rekey: true } }
detector: { kind: off }
sinks:
  scores: { topic: ${group}.scores }
  alarms: { topic: ${group}.alarms }
  deadLetter: { topic: ${group}.dead-letter }
checkpoint:
  changelog: { enabled: false }
`,
  )
  const start = () => {
    const flags = ['--kafka-session-timeout', '3s']
    const running = Tidegauge.start({ file, stateDir: join(folder, 'state'), brokers: kafkaBrokers(), flags })
    onTestFinished(async () => void (await running.kill()))
    return running
  }
  return { group, start }
}

it('sorts records without keys by series, each exactly once, however often it is killed', async () => {
  const kafka = testClient()
  const topic = await freshTopic(PARTITIONS, kafka)
  const { group, start } = await sortingPipeline(topic)
  const startMs = minutesAgo(10)
  const records = fleetRecords({ size: 20 }, minutesAgo(400), 300).map(({ value }, i) => ({
    value: i % 500 === 499 ? 'not a sample' : value,
    partition: i % PARTITIONS,
    timestampMs: startMs + i,
  }))
  const rng = new Rng(11)
  let running = start()
  await running.url()
  for (let kill = 0, from = 0; kill <= KILLS; kill++) {
    const to = Math.ceil((records.length * (kill + 1)) / (KILLS + 1))
    await publish(topic, records.slice(from, to), kafka)
    from = to
    if (kill === KILLS) break
    await sleep(rng.uint32() % 1_500)
    await running.kill()
    running = start()
    await running.url()
  }

  const sorted = async () => readAllCommitted(kafka, rekeyedTopic(group))
  let found = await sorted()
  for (const deadline = Date.now() + 90_000; found.length < records.length && Date.now() < deadline; ) {
    await sleep(500)
    found = await sorted()
  }
  const sources = found.map(({ headers }) => headers['tidegauge-source'])
  expect(new Set(sources).size).toBe(records.length)
  expect(found).toHaveLength(records.length)
  const content = ({ value, timestampMs }: { value: string; timestampMs: number }) => `${timestampMs} ${value}`
  expect(found.map(content).sort()).toEqual(records.map(content).sort())
  const homes = new Map<string, Set<number>>()
  for (const { key, partition } of found) {
    if (key !== null) homes.set(key, (homes.get(key) ?? new Set()).add(partition))
  }
  expect(homes.size).toBe(20)
  expect([...homes.values()].every((partitions) => partitions.size === 1)).toBe(true)
  // What cannot be read goes on without a key, to become a dead letter of the pipeline.
  expect(found.filter(({ key }) => key === null).map(({ value }) => value)).toEqual(
    records.flatMap(({ value }) => (value === 'not a sample' ? [value] : [])),
  )
  // What reads the sorted topic finds every series in its place.
  const health = await running.ready()
  expect(health).toEqual({ status: 'ok', problems: [] })
  expect((await running.stop()).code).toBe(0)
})

it('keeps the headers of a record, and says where it came from', async () => {
  const kafka = testClient()
  const topic = await freshTopic(1, kafka)
  const { group, start } = await sortingPipeline(topic)
  const producer = kafka.producer()
  await producer.connect()
  const value = JSON.stringify({ name: 'cpu', labels: { host: 'a' }, timestamp: Date.now(), value: 1 })
  await producer.send({ topic, messages: [{ value, headers: { trace: Buffer.from([0, 255]), twice: ['1', '2'] } }] })
  await producer.disconnect()
  const running = start()
  await running.ready()
  let read = await readAllCommitted(kafka, rekeyedTopic(group))
  for (const deadline = Date.now() + 30_000; read.length === 0 && Date.now() < deadline; await sleep(100)) {
    read = await readAllCommitted(kafka, rekeyedTopic(group))
  }
  expect(read).toMatchObject([{ key: 'cpu{host="a"}', value }])
  expect(read[0]?.headers).toMatchObject({ 'tidegauge-source': `${topic}-0@0`, twice: '1,2' })
  expect(read[0]?.headers['trace']).toBe(Buffer.from([0, 255]).toString())
})
