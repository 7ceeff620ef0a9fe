/** Why a stored checkpoint was passed over. Closed: a metric label. */
export const CHECKPOINT_REFUSALS = [
  'damaged',
  /** Its manifest, or a segment that it names, is not there. */
  'missing',
  'later_version',
  'other_options',
  'ahead_of_commit',
] as const
export type CheckpointRefusal = (typeof CHECKPOINT_REFUSALS)[number]

export interface RefusedCheckpoint {
  readonly reason: CheckpointRefusal
  readonly detail: string
}
