import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kafkaLibs } from '../../src/adapters/kafka/local-broker.ts'
import { eventually, freshTopic, kafkaBrokers, testSource, uniqueName } from '../support/kafka.ts'
import { CollectingConsumer, resume } from '../support/kafka-consumer.ts'

/** Enough for several blocks of every codec, and compressible as metrics are. */
const LINES = Array.from({ length: 6_000 }, (_, i) =>
  JSON.stringify({
    name: 'cpu_busy',
    labels: { host: `host-${i % 50}` },
    timestamp: 1_700_000_000_000 + i * 1_000,
    value: Math.sin(i) * 50,
  }),
)

describe("records that Apache Kafka's own producer compressed", () => {
  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('with %s are read', async (codec) => {
    const topic = await freshTopic(1)
    const args = ['--bootstrap-server', kafkaBrokers().join(','), '--topic', topic, '--compression-codec', codec]
    const batches = ['--batch-size', '400000', '--command-property', 'linger.ms=200']
    const java = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', join(kafkaLibs(), '*')]
    const produced = spawnSync('java', [...java, 'org.apache.kafka.tools.ConsoleProducer', ...args, ...batches], {
      input: `${LINES.join('\n')}\n`,
      encoding: 'utf8',
    })
    expect(produced.status, produced.stderr).toBe(0)
    const consumer = new CollectingConsumer(resume)
    await testSource(uniqueName('group')).source.start([topic], consumer)
    await eventually(() => consumer.values.length >= LINES.length)
    expect(consumer.values).toEqual(LINES)
  })
})
