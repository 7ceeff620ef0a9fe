import { describe, expect, it } from 'vitest'
import { renderCloudEvents } from '../../../../../src/adapters/notify/render/cloudevents.ts'
import { firingEvent } from '../../../../support/alarm-events.ts'

describe('renderCloudEvents', () => {
  it('has the attributes that CloudEvents 1.0 requires, and the event as data', () => {
    const event = firingEvent()
    expect(JSON.parse(renderCloudEvents(event, 0)?.body ?? '')).toEqual({
      specversion: '1.0',
      id: event.id,
      source: '/tidegauge/pipelines/fleet',
      type: 'tidegauge.alarm.state_change.v1',
      subject: 'cpu-high/cpu{host="a"}',
      time: event.state.timestamp,
      datacontenttype: 'application/json',
      data: event,
    })
  })
})
