import type { PipelineObserver } from '../../src/runtime/observer.ts'

const nothing = () => {}

/** For tests that look at results only. */
export const silentObserver: PipelineObserver = {
  partitionState: nothing,
  restored: nothing,
  checkpointRefused: nothing,
  replayed: nothing,
  stepped: nothing,
  progressed: nothing,
  committed: nothing,
  commitFailed: nothing,
  checkpointed: nothing,
  checkpointFailed: nothing,
  modelInUse: nothing,
  modelRefused: nothing,
  closed: nothing,
}
