import type { Renderer } from './renderer.ts'

/** CloudEvents 1.0 in structured JSON mode. Receivers tell repeats by source and id. */
export const renderCloudEvents: Renderer = (event) => ({
  contentType: 'application/cloudevents+json; charset=utf-8',
  body: JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: `/tidegauge/pipelines/${encodeURIComponent(event.pipeline)}`,
    type: `tidegauge.${event.type}.v${event.schemaVersion}`,
    subject: `${event.alarm}/${event.series.key}`,
    time: event.state.timestamp,
    datacontenttype: 'application/json',
    data: event,
  }),
})
