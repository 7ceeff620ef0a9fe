import { parentPort, workerData } from 'node:worker_threads'
import { createClient, PATIENCE } from '../adapters/kafka/client.ts'
import { KafkaSinkFactory } from '../adapters/kafka/sink.ts'
import { KafkaStateLog } from '../adapters/kafka/state-log.ts'
import { LoopServer, portLogger } from '../adapters/threads/loop-server.ts'
import { assert } from '../core/assert.ts'
import { requiredConnection } from './kafka-connection.ts'
import { loopsHere, type TaskThreadData } from './loop-host.ts'

/** A thread of partition tasks: what they need of the outside, they have here. */
const port = parentPort
assert(port !== null, 'started as a program, not as a thread')
const { kafka, stateDir } = workerData as TaskThreadData
const connection = requiredConnection(kafka)
const logger = portLogger(port)
const sinks = new KafkaSinkFactory({ kafka: createClient(connection, logger, PATIENCE.transactions) })
const log = new KafkaStateLog(createClient(connection, logger))
const host = loopsHere(sinks, stateDir, logger, log)
const close = async () => {
  await Promise.all([sinks.close(), log.close()])
}
LoopServer.serve(port, { open: host.open, close })
