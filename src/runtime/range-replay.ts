import type { PipelineOptions } from '../pipeline/options.ts'
import { PartitionTask, type TaskRecord } from '../pipeline/partition-task.ts'
import { type ScoredSeries, StepOutput } from '../pipeline/step-output.ts'

export interface RangeReplayListener {
  readonly onScored: (scored: ScoredSeries) => void
  /** Records that were taken in, since the last call. */
  readonly onRecords: (count: number) => void
}

/**
 * Runs a range of one partition through the stream's own task, and keeps nothing but its scored points: nothing is
 * committed, written or told. At the end of the range, event time goes on to where the last period closes; periods that
 * end later than `toMs` are not closed for want of records.
 */
export async function replayRange(
  options: PipelineOptions,
  batches: AsyncIterable<readonly TaskRecord[]>,
  toMs: number,
  { onScored, onRecords }: RangeReplayListener,
): Promise<void> {
  const { periodMs, latenessMs } = options.window
  const task = new PartitionTask(options)
  const scoring = (work: (out: StepOutput) => void) => {
    const out = new StepOutput()
    work(out)
    for (const scored of out.scores) onScored(scored)
  }
  try {
    for await (const records of batches) {
      scoring((out) => task.step(records, out))
      onRecords(records.length)
    }
    const lastMs = Math.floor(task.newestMs / periodMs + 1) * periodMs
    if (Number.isFinite(lastMs)) scoring((out) => task.tick(Math.min(lastMs, toMs) + latenessMs, out))
  } finally {
    task.dispose()
  }
}
