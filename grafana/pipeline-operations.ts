import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import { NAMES } from './metric-names.ts'
import {
  across,
  COLOURS,
  dashboardNamed,
  fixed,
  linePanel,
  numbered,
  type Place,
  pipelineVariable,
  query,
  statPanel,
  steps,
} from './panels.ts'

const PIPELINE = 'pipeline=~"$pipeline"'
const TASK = '{{pipeline}} {{topic}}-{{partition}}'
/** Of the process; prom-client names them. */
const PROCESS = {
  cpu: 'tidegauge_process_cpu_seconds_total',
  resident: 'tidegauge_process_resident_memory_bytes',
  heap: 'tidegauge_nodejs_heap_size_used_bytes',
  external: 'tidegauge_nodejs_external_memory_bytes',
  loop50: 'tidegauge_nodejs_eventloop_lag_p50_seconds',
  loop99: 'tidegauge_nodejs_eventloop_lag_p99_seconds',
  started: 'tidegauge_process_start_time_seconds',
} as const

const rate = (metric: string, by: string, more = PIPELINE) =>
  `sum by (${by}) (rate(${metric}{${more}}[$__rate_interval]))`

/** Of a duration, by pipeline. */
const medianAndTail = (metric: string) => {
  const quantile = (level: number) => `histogram_quantile(${level}, ${rate(`${metric}_bucket`, 'pipeline, le')})`
  return [
    [quantile(0.5), '{{pipeline}} median'],
    [quantile(0.99), '{{pipeline}} p99'],
  ] as const
}

/** A panel of one line for each target. */
function lines(
  title: string,
  description: string,
  place: Place,
  unit: string,
  ...targets: readonly (readonly [expr: string, legend: string])[]
): timeseries.PanelBuilder {
  let panel = linePanel(title, description, place).unit(unit).min(0)
  targets.forEach(([expr, legend], i) => {
    panel = panel.withTarget(query(String.fromCharCode(65 + i), expr, legend))
  })
  return panel
}

function summary(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [lag, behind, read, scored, checkpoint, waiting] = across(0, 4, 4, 4, 4, 4, 4, 4)
  return built
    .withPanel(
      statPanel('Lag', 'Records that were not yet read.', `sum(${NAMES.lag}{${PIPELINE}})`, lag).thresholds(
        steps([10_000, COLOURS.warning], [100_000, COLOURS.anomaly]),
      ),
    )
    .withPanel(
      statPanel(
        'Behind the clock',
        'How long ago the newest period closed, in the partition that is furthest behind.',
        `max(time() - ${NAMES.watermark}{${PIPELINE}})`,
        behind,
      ).unit('s'),
    )
    .withPanel(
      statPanel(
        'Records per second',
        'Records read from the source.',
        `sum(rate(${NAMES.recordsRead}{${PIPELINE}}[$__rate_interval]))`,
        read,
      ).unit('ops'),
    )
    .withPanel(
      statPanel(
        'Points per second',
        'Periods of series that were scored.',
        `sum(rate(${NAMES.pointsScored}{${PIPELINE}}[$__rate_interval]))`,
        scored,
      ).unit('ops'),
    )
    .withPanel(
      statPanel(
        'Oldest checkpoint',
        'The age of the checkpoint that a restart would begin from, in the partition where it is oldest.',
        `time() - min(${NAMES.checkpointTime}{${PIPELINE}})`,
        checkpoint,
      )
        .unit('s')
        .thresholds(steps([3_600, COLOURS.warning])),
    )
    .withPanel(
      statPanel(
        'Notifications waiting',
        'Changes of state that a receiver has not taken yet.',
        `sum(${NAMES.notificationsPending})`,
        waiting,
      ).thresholds(steps([1, COLOURS.warning])),
    )
}

function flow(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [lag, throughput, owned] = across(4, 8, 8, 8, 8)
  const [rejected, samples, dead] = across(12, 8, 8, 8, 8)
  return built
    .withPanel(
      lines('Lag by partition', 'Records that were not yet read.', lag, 'short', [`${NAMES.lag}{${PIPELINE}}`, TASK]),
    )
    .withPanel(
      lines(
        'Throughput',
        'Records read and committed, and points scored, per second.',
        throughput,
        'ops',
        [rate(NAMES.recordsRead, 'pipeline'), '{{pipeline}} read'],
        [rate(NAMES.recordsCommitted, 'pipeline'), '{{pipeline}} committed'],
        [rate(NAMES.pointsScored, 'pipeline'), '{{pipeline}} points'],
      ),
    )
    .withPanel(
      lines(
        'Partitions, and times the source stood still',
        'What each process owns, and how many seconds of each second it could read nothing, by reason.',
        owned,
        'short',
        [`${NAMES.partitionsAssigned}{${PIPELINE}}`, '{{pipeline}} {{instance}}'],
        [rate(NAMES.sourceStalledSeconds, 'pipeline, reason'), '{{pipeline}} {{reason}}'],
      ),
    )
    .withPanel(
      lines('Records of no use', 'Per second, by reason.', rejected, 'ops', [
        rate(NAMES.recordsRejected, 'pipeline, reason'),
        '{{pipeline}} {{reason}}',
      ]),
    )
    .withPanel(
      lines('Samples by outcome', 'Per second: taken, late, or of no use.', samples, 'ops', [
        rate(NAMES.samples, 'pipeline, outcome'),
        '{{pipeline}} {{outcome}}',
      ]).overrideByRegexp('/ late$/', [fixed(COLOURS.warning)]),
    )
    .withPanel(
      lines('Dead letters', 'Records written to the dead-letter topic, per second.', dead, 'ops', [
        rate(NAMES.deadLetters, 'pipeline'),
        '{{pipeline}}',
      ]),
    )
}

function durability(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [commits, steps99, failures] = across(20, 8, 8, 8, 8)
  const [age, sizes, restores] = across(28, 8, 8, 8, 8)
  return built
    .withPanel(
      lines(
        'Commits',
        'How long a commit of results and offsets takes.',
        commits,
        's',
        ...medianAndTail(NAMES.commitDuration),
      ),
    )
    .withPanel(
      lines(
        'Steps',
        'How long the task works on one slice of records.',
        steps99,
        's',
        ...medianAndTail(NAMES.stepDuration),
      ),
    )
    .withPanel(
      lines(
        'Failures',
        'Commits and checkpoints that failed, and errors by the part that met them, per second.',
        failures,
        'ops',
        [rate(`${NAMES.commitDuration}_count`, 'pipeline', `${PIPELINE}, outcome="failed"`), '{{pipeline}} commit'],
        [rate(NAMES.checkpoints, 'pipeline', `${PIPELINE}, outcome="failed"`), '{{pipeline}} checkpoint'],
        [`sum by (component) (rate(${NAMES.errors}[$__rate_interval]))`, 'errors: {{component}}'],
      ),
    )
    .withPanel(
      lines('Checkpoint age', 'After a restart, what came since is read again.', age, 's', [
        `time() - ${NAMES.checkpointTime}{${PIPELINE}}`,
        TASK,
      ]),
    )
    .withPanel(
      lines('Checkpoint size', 'Of the newest one of each partition.', sizes, 'bytes', [
        `${NAMES.checkpointBytes}{${PIPELINE}}`,
        TASK,
      ]),
    )
    .withPanel(
      lines(
        'Restores',
        'Records stepped again, and checkpoints passed over by reason, per second.',
        restores,
        'ops',
        [rate(NAMES.recordsReplayed, 'pipeline'), '{{pipeline}} replayed'],
        [rate(NAMES.checkpointsRefused, 'pipeline, reason'), '{{pipeline}} {{reason}}'],
      ),
    )
}

function resources(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [loop, memory, cpu] = across(36, 8, 8, 8, 8)
  const [series, changes, state] = across(44, 8, 8, 8, 8)
  return built
    .withPanel(
      lines(
        'Event-loop delay',
        'How late the process answers; a second is too late for its consumer group.',
        loop,
        's',
        [PROCESS.loop50, '{{instance}} median'],
        [PROCESS.loop99, '{{instance}} p99'],
      ),
    )
    .withPanel(
      lines(
        'Memory',
        'Of the process as a whole, of its JavaScript heap, and of buffers outside of it.',
        memory,
        'bytes',
        [PROCESS.resident, '{{instance}} resident'],
        [PROCESS.heap, '{{instance}} heap'],
        [PROCESS.external, '{{instance}} buffers'],
      ),
    )
    .withPanel(
      lines(
        'CPU and age',
        'Cores in use; a process whose age begins anew was restarted.',
        cpu,
        'short',
        [`rate(${PROCESS.cpu}[$__rate_interval])`, '{{instance}} cores'],
        [`(time() - ${PROCESS.started}) / 86400`, '{{instance}} days'],
      ),
    )
    .withPanel(lines('Series with state', 'By partition.', series, 'short', [`${NAMES.series}{${PIPELINE}}`, TASK]))
    .withPanel(
      lines(
        'Series that come, go, and are turned away',
        'Per second: evicted and refused ones mean that the limit is reached.',
        changes,
        'ops',
        [rate(NAMES.seriesChanges, 'pipeline, change'), '{{pipeline}} {{change}}'],
      ),
    )
    .withPanel(
      lines('Memory of the models', 'About what the state of the series holds, by partition.', state, 'bytes', [
        `${NAMES.stateBytes}{${PIPELINE}}`,
        TASK,
      ]),
    )
}

function delivery(built: dashboard.DashboardBuilder): dashboard.DashboardBuilder {
  const [outcomes, duration, pending] = across(52, 8, 8, 8, 8)
  const [written, dropped, queued] = across(60, 8, 8, 8, 8)
  const [misplaced, streams] = across(68, 8, 16, 8)
  return built
    .withPanel(
      lines('Notifications by outcome', 'Attempts per second, by channel, outcome and reason.', outcomes, 'ops', [
        `sum by (channel, outcome, reason) (rate(${NAMES.notifications}[$__rate_interval]))`,
        '{{channel}} {{outcome}} {{reason}}',
      ]),
    )
    .withPanel(
      lines('Attempts', 'How long the slowest tenth of the attempts takes, by channel.', duration, 's', [
        `histogram_quantile(0.9, sum by (channel, le) (rate(${NAMES.notificationDuration}_bucket[$__rate_interval])))`,
        '{{channel}}',
      ]),
    )
    .withPanel(
      lines('Waiting notifications', 'Changes of state that wait for their receiver.', pending, 'short', [
        NAMES.notificationsPending,
        '{{channel}}',
      ]),
    )
    .withPanel(
      lines('Remote write', 'Samples that the receiver has taken, per second.', written, 'ops', [
        rate(NAMES.remoteWriteSamples, 'pipeline'),
        '{{pipeline}}',
      ]),
    )
    .withPanel(
      lines('Remote write: dropped', 'Samples that did not arrive, per second, by reason.', dropped, 'ops', [
        rate(NAMES.remoteWriteDropped, 'pipeline, reason'),
        '{{pipeline}} {{reason}}',
      ]),
    )
    .withPanel(
      lines(
        'Remote write: waiting',
        'Samples that wait, and how old the newest one is that has arrived.',
        queued,
        'short',
        [`${NAMES.remoteWritePending}{${PIPELINE}}`, '{{pipeline}} waiting'],
        [`time() - ${NAMES.remoteWriteNewest}{${PIPELINE}}`, '{{pipeline}} seconds behind'],
      ),
    )
    .withPanel(
      lines(
        'Series in the wrong place',
        'Signs that the records of a series come in several partitions, or that series overwrite each other, by reason.',
        misplaced,
        'short',
        [`${NAMES.placementFindings}{${PIPELINE}}`, '{{pipeline}} {{reason}}'],
      ),
    )
    .withPanel(
      lines('Open pages', 'Streams of server-sent events that each process serves.', streams, 'short', [
        NAMES.eventStreams,
        '{{instance}}',
      ]),
    )
}

/** Whether the pipelines themselves are well. */
export function pipelineOperations(): dashboard.Dashboard {
  const empty = dashboardNamed(
    'Tidegauge: pipeline operations',
    'tidegauge-operations',
    'Whether Tidegauge itself is well: what it reads, commits, keeps and delivers.',
  ).withVariable(pipelineVariable(NAMES.recordsDecoded))
  return numbered(delivery(resources(durability(flow(summary(empty))))).build())
}
