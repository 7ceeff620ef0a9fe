import { join } from 'node:path'
import { DiskStateStore } from '../adapters/disk/state-store.ts'
import { createClient } from '../adapters/kafka/client.ts'
import { KafkaTable } from '../adapters/kafka/table.ts'
import type { ProcessSettings } from '../config/settings.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { Logger } from '../runtime/logger.ts'
import { ModelCatalog } from '../runtime/model-catalog.ts'
import type { StateStore } from '../runtime/ports.ts'
import { kafkaConnection } from './kafka-connection.ts'
import { systemClock } from './system.ts'

/** Published models of a process without a broker. */
export function diskModels(stateDir: string): StateStore {
  return new DiskStateStore(join(stateDir, 'models'))
}

/** Opens the catalog of the brokers, or without any that of the state directory, and closes it after the work. */
export async function withModels<T>(
  settings: ProcessSettings,
  logger: Logger,
  work: (catalog: ModelCatalog) => Promise<T>,
): Promise<T> {
  const { modelsTopic } = settings.kafka
  const connection = kafkaConnection(settings.kafka)
  if (connection === undefined) return work(new ModelCatalog(diskModels(settings.stateDir), systemClock))
  const table = await KafkaTable.open(createClient(connection, logger), modelsTopic)
  try {
    return await work(new ModelCatalog(table, systemClock))
  } catch (thrown) {
    if (!(thrown instanceof Error) || !/larger than|too large/i.test(thrown.message)) throw thrown
    throw new TidegaugeError('INPUT_INVALID', 'the brokers take no record as large as this model', {
      where: modelsTopic,
      hint: 'raise max.message.bytes of the topic, or train a smaller model',
      cause: thrown,
    })
  } finally {
    await table.close()
  }
}
