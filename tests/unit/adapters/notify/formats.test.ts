import { describe, expect, it } from 'vitest'
import { rendererOf, WEBHOOK_FORMATS, type WebhookFormat } from '../../../../src/adapters/notify/formats.ts'
import { alarmEvents, firingEvent } from '../../../support/alarm-events.ts'

const chosen = (format: (typeof WEBHOOK_FORMATS)[number]): WebhookFormat =>
  format === 'pagerduty' ? { format, routingKey: 'k'.repeat(32) } : { format }

describe('rendererOf', () => {
  it.each(WEBHOOK_FORMATS)('%s: JSON, the same for the same event', (format) => {
    const render = rendererOf(chosen(format))
    const rendered = render(firingEvent(), 0)
    expect(rendered?.contentType).toMatch(/^application\/(cloudevents\+)?json/)
    expect(JSON.parse(rendered?.body ?? '')).toBeInstanceOf(Object)
    expect(render(firingEvent(), 0)).toEqual(rendered)
  })

  it.each(WEBHOOK_FORMATS)('%s: takes every transition, with missing numbers and odd labels', (format) => {
    const render = rendererOf(chosen(format))
    const labels = { host: '<a> & "b"\n', '9bad-name': 'ü', severity: 'mine' } as unknown as { host: string }
    const events = alarmEvents('OX---OX', { treatMissingData: 'missing' }, labels)
    expect(events.map((event) => event.state.value)).toEqual(['OK', 'ALARM', 'INSUFFICIENT_DATA', 'OK', 'ALARM'])
    for (const event of events) {
      const rendered = render(event, Date.parse(event.state.timestamp))
      if (rendered !== undefined) expect(() => JSON.parse(rendered.body)).not.toThrow()
    }
  })
})
