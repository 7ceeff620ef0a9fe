import { OutboundHttp } from '../adapters/notify/outbound-http.ts'
import { RemoteWriter } from '../adapters/prometheus/remote-write/remote-writer.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import { ConditionLog } from '../runtime/condition-log.ts'
import type { Logger } from '../runtime/logger.ts'
import type { ResultSink } from '../runtime/result-sink.ts'
import { timerSleep } from '../runtime/retry.ts'
import type { Telemetry } from '../runtime/telemetry.ts'
import { systemClock } from './system.ts'

/** How long a process that ends waits for the receiver to take what is left. */
const DRAIN_MS = 10_000

/** Series remembered at once, over all partitions that the process ever held; each is about 2 kB. */
const SERIES_MAX = 200_000

/** Where the points of one pipeline are written to, beside its topics. */
export interface RemoteWrite {
  readonly sink: ResultSink
  stop(): Promise<void>
}

/** undefined for a pipeline without `sinks.remoteWrite`. */
export function createRemoteWrite(
  config: PipelineConfig,
  { logger, telemetry }: { readonly logger: Logger; readonly telemetry: Telemetry },
): RemoteWrite | undefined {
  const { remoteWrite } = config.sinks
  if (remoteWrite === undefined) return undefined
  const { url, headers, allowPrivate, timeout: timeoutMs, labels, maxAge: maxAgeMs, queueSamples } = remoteWrite
  const http = new OutboundHttp({
    where: 'sinks.remoteWrite.url',
    url,
    headers,
    allowPrivate,
    timeoutMs,
    clock: systemClock,
  })
  const { naming } = config.expose
  const writer = new RemoteWriter(
    {
      pipeline: config.name,
      naming,
      periodMs: config.period.length,
      labels,
      limit: SERIES_MAX,
      queueSamples,
      maxAgeMs,
    },
    {
      post: (request, signal) => http.post(request, signal),
      clock: systemClock,
      sleep: timerSleep,
      random: Math.random,
      telemetry,
      conditions: new ConditionLog(logger, systemClock),
    },
  )
  return {
    sink: writer,
    stop: async () => {
      await writer.stop(DRAIN_MS)
      await http.close()
    },
  }
}
