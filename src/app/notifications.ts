import { rendererOf, type WebhookFormat } from '../adapters/notify/formats.ts'
import { WebhookNotifier } from '../adapters/notify/webhook.ts'
import type { NotifyConfig, PipelineConfig } from '../config/schema/pipeline.ts'
import { TidegaugeError } from '../core/errors.ts'
import { AlarmConsumer } from '../runtime/alarm-consumer.ts'
import type { Logger } from '../runtime/logger.ts'
import { NotificationDispatcher } from '../runtime/notification-dispatcher.ts'
import { type DeadNotification, MemoryDeliveryLog, type Notifier } from '../runtime/notifier.ts'
import type { RecordSource } from '../runtime/ports.ts'
import { timerSleep } from '../runtime/retry.ts'
import type { Telemetry } from '../runtime/telemetry.ts'
import type { Backend } from './backend.ts'
import { every, systemClock } from './system.ts'

interface NotificationPorts {
  readonly backend: Backend
  readonly logger: Logger
  readonly telemetry: Telemetry
}

/** The consumer of one pipeline's transitions, with its channels. */
export function createAlarmConsumer(
  pipeline: PipelineConfig,
  source: RecordSource,
  ports: NotificationPorts,
): AlarmConsumer {
  const { backend, logger, telemetry } = ports
  const channels = new Map(pipeline.notify.map((channel) => [channel.name, createChannel(channel)]))
  const dispatcher = new NotificationDispatcher({
    channels,
    maxAgeMs: pipeline.delivery.maxAge,
    random: Math.random,
    clock: systemClock,
    logger,
    telemetry,
    log: new MemoryDeliveryLog(),
    deadLetter: (dead) => backend.writeDown([deadLetterOf(pipeline, dead)], 'notifier.dead-letter'),
  })
  const options = {
    pipeline: pipeline.name,
    group: `${pipeline.source.kafka.group}-notifier`,
    topic: pipeline.sinks.alarms.topic,
    commitIntervalMs: 1_000,
    drainMs: 10_000,
  }
  return new AlarmConsumer(options, {
    source,
    sinks: backend.sinks,
    dispatcher,
    clock: systemClock,
    logger,
    sleep: timerSleep,
    every,
  })
}

function createChannel({ name, webhook }: NotifyConfig): Notifier {
  const secrets = [webhook.secret, webhook.previousSecret].filter((secret) => secret !== undefined)
  return new WebhookNotifier({
    name,
    url: webhook.url,
    render: rendererOf(formatOf(name, webhook)),
    secrets,
    headers: webhook.headers,
    allowPrivate: webhook.allowPrivate,
    timeoutMs: webhook.timeout,
    clock: systemClock,
  })
}

function formatOf(name: string, { format, routingKey }: NotifyConfig['webhook']): WebhookFormat {
  if (format !== 'pagerduty') return { format }
  if (routingKey !== undefined) return { format, routingKey }
  throw new TidegaugeError('CONFIG_INVALID', 'format pagerduty needs a routingKey', { where: `notify.${name}.webhook` })
}

function deadLetterOf(pipeline: PipelineConfig, dead: DeadNotification) {
  return {
    topic: pipeline.sinks.deadLetter.topic,
    key: dead.event.series.key,
    value: JSON.stringify(dead.event),
    headers: {
      'tidegauge-pipeline': pipeline.name,
      'tidegauge-reason': dead.reason,
      'tidegauge-detail': dead.detail,
      'tidegauge-channel': dead.channel,
      'tidegauge-attempts': String(dead.attempts),
    },
  }
}
