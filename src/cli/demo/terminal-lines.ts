import type { AlarmEvent } from '../../alarm/alarm-event.ts'
import type { PipelineStatus } from '../../runtime/views.ts'
import type { FleetTimes } from './fleet-clock.ts'
import type { Incident } from './fleet-incidents.ts'

/** An alarm as the receiver got it: what changed, why, and which scripted incident it is about. */
export function alarmLine(event: AlarmEvent, verified: boolean, incident: Incident | undefined): string {
  const { alarm, series, state, evidence } = event
  const { service, host } = series.labels
  const place = [service, host].filter((label) => label !== undefined).join('/')
  const signature = verified ? 'signature verified' : 'SIGNATURE WRONG'
  const about = incident === undefined || state.value === 'OK' ? '' : `  <- ${incident.story}`
  const found = evidence === null ? state.reason : `${seen(evidence)} (${evidence.gradeReason})`
  return `  ${state.value.padEnd(5)}  ${alarm}: ${series.name} ${place} ${found}; ${signature}${about}`
}

function seen({ value, expected, lower, upper, grade }: NonNullable<AlarmEvent['evidence']>): string {
  if (value === null) return 'no data'
  const band = expected === null ? 'no band yet' : `expected ${short(expected)} in ${short(lower)} .. ${short(upper)}`
  return `is ${short(value)}, ${band}, grade ${short(grade)}`
}

function short(value: number | null): string {
  return value === null ? '?' : String(Number(value.toPrecision(4)))
}

/** Where event time is, what was learned of the fleet's past, and what is in alarm. */
export function progressLine(
  pipelines: readonly PipelineStatus[],
  fleet: string,
  times: FleetTimes,
  publishedMs: number,
): string {
  const lag = pipelines.reduce((sum, pipeline) => sum + pipeline.lag, 0)
  const series = pipelines.reduce((sum, pipeline) => sum + pipeline.series, 0)
  const alarms = pipelines.reduce((sum, pipeline) => sum + pipeline.alarms.ALARM, 0)
  const trained = pipelines.reduce((sum, pipeline) => sum + pipeline.training.TRAINED, 0)
  const learnedMs = Math.max(
    ...pipelines
      .filter(({ name }) => name === fleet)
      .flatMap(({ partitions }) => partitions.map(({ watermarkMs }) => watermarkMs ?? 0)),
    0,
  )
  const share = (learnedMs - times.historyFromMs) / (times.liveFromMs - times.historyFromMs)
  const phase =
    publishedMs < times.liveFromMs || share < 1
      ? `learning ${Math.max(0, Math.min(100, Math.round(100 * share)))} %`
      : 'live'
  const at = new Date(publishedMs).toISOString().slice(0, 16).replace('T', ' ')
  return `${phase.padEnd(14)} event time ${at}  series ${series} (${trained} trained)  lag ${lag}  in alarm ${alarms}`
}
