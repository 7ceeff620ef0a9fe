import { expect, it } from 'vitest'
import { eventually, freshTopic, publish, testClient, testSource, uniqueName } from '../support/kafka.ts'
import { CollectingConsumer, resume } from '../support/kafka-consumer.ts'

it('reads no record of transactions that overlapped and were aborted, later ones first', async () => {
  const topic = await freshTopic(1)
  const kafka = testClient()
  const producers = ['a', 'b', 'c'].map((name) => {
    const transactionalId = uniqueName(name)
    return kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  })
  await Promise.all(producers.map((producer) => producer.connect()))
  const transactions = []
  for (const [i, producer] of producers.entries()) {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: `aborted ${i}` }, { value: `aborted too ${i}` }] })
    transactions.push(transaction)
  }
  for (const transaction of transactions.reverse()) await transaction.abort()
  await publish(topic, [{ value: 'good' }])
  await Promise.all(producers.map((producer) => producer.disconnect()))

  const consumer = new CollectingConsumer(resume)
  const { source } = testSource(uniqueName('group'))
  await source.start([topic], consumer)
  await eventually(() => consumer.values.includes('good'))
  expect(consumer.values).toEqual(['good'])
})
