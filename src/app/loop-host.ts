import { join } from 'node:path'
import { DiskStateStore } from '../adapters/disk/state-store.ts'
import { LoopPool } from '../adapters/threads/loop-pool.ts'
import type { KafkaSettings } from '../config/settings-kafka.ts'
import { CheckpointStore } from '../runtime/checkpoint.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Loop } from '../runtime/loop.ts'
import { type LoopOptions, type LoopPorts, PartitionLoop } from '../runtime/partition-loop.ts'
import type { SinkFactory, StateLog, TopicPartition } from '../runtime/ports.ts'
import { timerSleep } from '../runtime/retry.ts'
import { systemClock } from './system.ts'
import { startThread } from './threads.ts'

/** What a loop is made with wherever it runs. */
export type PipelinePorts = Pick<LoopPorts, 'observer' | 'forecastDue' | 'activeModel'>

/** Where the loops of a process run. */
export interface LoopHost {
  open(partition: TopicPartition, options: LoopOptions, ports: PipelinePorts): Loop
  close(): Promise<void>
}

/** What a thread of partition tasks begins with: plain data. */
export interface TaskThreadData {
  readonly kafka: KafkaSettings
  readonly stateDir: string
}

/** Loops run in this thread, on the sinks given; with a log, state is written there too. */
export function loopsHere(sinks: SinkFactory, stateDir: string, logger: Logger, log?: StateLog): LoopHost {
  const checkpoints = new CheckpointStore(new DiskStateStore(join(stateDir, 'checkpoints')), log)
  const shared = { sinks, checkpoints, clock: systemClock, logger, sleep: timerSleep }
  return {
    open: (partition, options, ports) => new PartitionLoop(partition, options, { ...shared, ...ports }),
    close: async () => {},
  }
}

/** Loops run in so many threads, each with connections of its own: this thread only fetches, forwards and shows. */
export function loopsInThreads(threads: number, data: TaskThreadData, logger: Logger): LoopHost {
  const start = () => startThread(new URL('./task-worker.ts', import.meta.url), data)
  return new LoopPool({ threads, start, logger })
}
