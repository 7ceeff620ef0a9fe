import type { Renderer } from './renderer.ts'

/** The body of Standard Webhooks: type, timestamp, and the event as it stands in the alarms topic. */
export const renderStandard: Renderer = (event) => ({
  contentType: 'application/json',
  body: JSON.stringify({ type: event.type, timestamp: event.state.timestamp, data: event }),
})
