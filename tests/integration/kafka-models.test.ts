import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { KafkaTable } from '../../src/adapters/kafka/table.ts'
import { withModels } from '../../src/app/model-store.ts'
import { startProcess } from '../../src/app/process.ts'
import { parsePipeline } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { encodeModel } from '../../src/forecast/deepar/model-file.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import { minutelyModel } from '../support/band-models.ts'
import { freshTopic, kafkaBrokers, publish, testClient, uniqueName } from '../support/kafka.ts'
import { MINUTE_MS } from '../support/pipeline-options.ts'

const NOTHING = { variable: () => undefined, file: () => undefined }

async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await look()) return
    await sleep(100)
  }
  throw new Error('it did not come about within 30 s')
}

it('a table is what was put last, for whoever reads it, now and later', async () => {
  const topic = uniqueName('table')
  const first = await KafkaTable.open(testClient(), topic)
  onTestFinished(() => first.close())
  await first.put('a/1', Uint8Array.of(1))
  await first.put('a/2', Uint8Array.of(2))
  await first.put('b/1', new Uint8Array(2_000_000).fill(7))
  await first.put('a/1', Uint8Array.of(9))
  await first.delete('a/2')
  const second = await KafkaTable.open(testClient(), topic)
  onTestFinished(() => second.close())
  expect(await second.list('a/')).toEqual(['a/1'])
  expect([...((await second.get('a/1')) ?? [])]).toEqual([9])
  expect((await second.get('b/1'))?.length).toBe(2_000_000)
  await second.put('a/3', Uint8Array.of(3))
  await until(async () => (await first.get('a/3'))?.[0] === 3)
})

it('a process follows the compacted topic, and its checkpoint carries the model over a restart', async () => {
  const input = await freshTopic(1)
  const name = uniqueName('web')
  const stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-models-'))
  onTestFinished(() => rm(stateDir, { recursive: true }))
  const text = `
name: ${name}
source: { kafka: { topics: [${input}], from: earliest } }
decode: { format: json, timestampUnit: ms }
period: { length: 1m, lateness: 0s }
detector: { trees: 2, sampleSize: 16 }
band: { model: deepar }
sinks: { scores: { topic: ${name}-scores }, alarms: { topic: ${name}-alarms } }
`
  const pipeline = parsePipeline(text, 'web.yaml', NOTHING)
  const modelsTopic = uniqueName('models')
  const settings = loadSettings({ brokers: kafkaBrokers().join(','), httpPort: '0', stateDir, modelsTopic }, NOTHING)
  if (!pipeline.ok) throw pipeline.error
  if (!settings.ok) throw settings.error
  const options = {
    settings: settings.value,
    pipelines: [pipeline.value],
    embedded: undefined,
    logger: silentLogger,
  }
  const T0 = 1_700_000_040_000
  const feed = (from: number, to: number) =>
    publish(
      input,
      Array.from({ length: to - from }, (_, i) => {
        const timestamp = T0 + (from + i) * MINUTE_MS
        return {
          value: JSON.stringify({ name: 'm', labels: {}, timestamp, value: 100 + (i % 7) }),
          timestampMs: timestamp,
        }
      }),
    )
  const start = async () => {
    const running = await startProcess(options)
    await running.started
    const version = async () => {
      const page = await (await fetch(`${running.url}/metrics`)).text()
      return /tidegauge_model_version\{[^}]*\} (\d+)/.exec(page)?.[1]
    }
    const read = (position: number) => () =>
      running.app.listPipelines()[0]?.partitions[0]?.position === String(position)
    return { running, version, read }
  }

  const first = await start()
  await feed(0, 20)
  await until(first.read(20))
  expect(await first.version()).toBe('0')
  const bytes = encodeModel(minutelyModel())
  const published = await withModels(settings.value, silentLogger, (models) => models.publish(name, bytes))
  expect(published).toBe(1)
  await until(async () => (await first.version()) === '1')
  await feed(20, 40)
  await until(first.read(40))
  await first.running.stop()

  const second = await start()
  await until(async () => (await second.version()) === '1')
  await feed(40, 50)
  await until(second.read(50))
  await second.running.stop()

  const scores: { readonly model: string; readonly timestamp: number }[] = []
  const consumer = testClient().consumer({ groupId: uniqueName('reader') })
  onTestFinished(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topic: `${name}-scores`, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      scores.push(JSON.parse(String(message.value)))
    },
  })
  await until(() => scores.length >= 49)
  const models = scores.sort((a, b) => a.timestamp - b.timestamp).map(({ model }) => model)
  expect(models.slice(0, 19).every((model) => model === 'seasonal-baseline')).toBe(true)
  // The first period after the adoption builds up the state; from the next one on the band is the model's.
  expect(models.slice(21).every((model) => model === 'deepar')).toBe(true)
})
