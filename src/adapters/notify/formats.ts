import { assertNever } from '../../core/assert.ts'
import { type AlertmanagerOptions, alertmanagerRenderer } from './render/alertmanager.ts'
import { renderCloudEvents } from './render/cloudevents.ts'
import { type CloudWatchOptions, eventBridgeRenderer, snsMessageRenderer } from './render/cloudwatch.ts'
import { pagerDutyRenderer } from './render/pagerduty.ts'
import type { Renderer } from './render/renderer.ts'
import { renderSlack } from './render/slack.ts'
import { renderStandard } from './render/standard.ts'

/** The bodies that a webhook can have, with what each needs to know. */
export type WebhookFormat =
  | { readonly format: 'standard' | 'cloudevents' | 'slack' }
  | { readonly format: 'alertmanager'; readonly options?: AlertmanagerOptions }
  | { readonly format: 'eventbridge' | 'cloudwatch'; readonly options?: CloudWatchOptions }
  | { readonly format: 'pagerduty'; readonly routingKey: string }

export const WEBHOOK_FORMATS = [
  'standard',
  'alertmanager',
  'cloudwatch',
  'eventbridge',
  'cloudevents',
  'slack',
  'pagerduty',
] as const satisfies readonly WebhookFormat['format'][]

/** The renderer of a format. */
export function rendererOf(chosen: WebhookFormat): Renderer {
  switch (chosen.format) {
    case 'standard':
      return renderStandard
    case 'cloudevents':
      return renderCloudEvents
    case 'slack':
      return renderSlack
    case 'alertmanager':
      return alertmanagerRenderer(chosen.options)
    case 'eventbridge':
      return eventBridgeRenderer(chosen.options)
    case 'cloudwatch':
      return snsMessageRenderer(chosen.options)
    case 'pagerduty':
      return pagerDutyRenderer(chosen.routingKey)
    default:
      return assertNever(chosen, 'webhook format')
  }
}
