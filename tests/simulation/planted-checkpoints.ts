import type { PipelineOptions } from '../../src/pipeline/options.ts'
import type { PartitionTask } from '../../src/pipeline/partition-task.ts'
import { CheckpointStore } from '../../src/runtime/checkpoint.ts'
import type { CommittedOffset } from '../../src/runtime/ports.ts'
import type { TaskCheckpoints } from '../../src/runtime/task-checkpoints.ts'
import type { StateProcess } from './state-world.ts'

export type Fault = (checkpoints: TaskCheckpoints, process: StateProcess) => void

/** A store of checkpoints with a fault built into it. */
export class PlantedCheckpoints extends CheckpointStore {
  readonly #fault: Fault
  readonly #process: StateProcess

  constructor(process: StateProcess, newOwner: () => string, fault: Fault = () => {}) {
    super(process.disk, process.log, newOwner)
    this.#process = process
    this.#fault = fault
  }

  override of(...args: Parameters<CheckpointStore['of']>): TaskCheckpoints {
    const checkpoints = super.of(...args)
    this.#fault(checkpoints, this.#process)
    return checkpoints
  }
}

/** The checkpoint claims one record more than it has seen. */
export function oneAhead(checkpoints: TaskCheckpoints): void {
  const restore = checkpoints.restore.bind(checkpoints)
  checkpoints.restore = async (pipeline: PipelineOptions, committed: CommittedOffset | undefined) => {
    const restoration = await restore(pipeline, committed)
    const { checkpoint } = restoration
    if (checkpoint === undefined) return restoration
    return { ...restoration, checkpoint: { ...checkpoint, offset: checkpoint.offset + 1n } }
  }
}

/** A checkpoint counts as soon as it is written, whoever wrote it: everything else is removed. */
export function cleansUnnamed(checkpoints: TaskCheckpoints, process: StateProcess): void {
  const write = checkpoints.write.bind(checkpoints)
  checkpoints.write = async (task: PartitionTask, offset: bigint) => {
    const written = await write(task, offset)
    const [newest = ''] = /\d+-\d+/.exec(checkpoints.metadata) ?? []
    if (written !== undefined) await process.keepOnly(newest)
    return written
  }
}
