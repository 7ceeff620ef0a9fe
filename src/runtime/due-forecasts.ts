import type { DeepArModel } from '../forecast/deepar/model.ts'
import type { PartitionTask, TaskHistory } from '../pipeline/partition-task.ts'
import type { TopicPartition } from './ports.ts'

/** What forecasts over several periods are made from: taken out of a task when they are due, as plain data. */
export interface DueForecasts {
  /** Whose series they are: partitions of one pipeline become due at about the same time. */
  readonly partition: TopicPartition
  /** undefined: the task has no model, so there is nothing to forecast with. */
  readonly model: { readonly version: number; readonly model: DeepArModel } | undefined
  readonly histories: readonly TaskHistory[]
  /** Series over the limit. */
  readonly leftOut: number
}

/** The histories of at most `limit` series; those beyond are counted only. */
export function dueForecastsOf(
  partition: TopicPartition,
  task: Pick<PartitionTask, 'model' | 'histories'>,
  limit: number,
): DueForecasts {
  if (task.model === undefined) return { partition, model: undefined, histories: [], leftOut: 0 }
  const { version, model } = task.model
  const histories: TaskHistory[] = []
  let leftOut = 0
  for (const history of task.histories()) {
    if (histories.length < limit) histories.push(history)
    else leftOut++
  }
  return { partition, model: { version, model }, histories, leftOut }
}
