import { describe, expect, it } from 'vitest'
import { renderSlack } from '../../../../../src/adapters/notify/render/slack.ts'
import { firingEvent } from '../../../../support/alarm-events.ts'

describe('renderSlack', () => {
  it('has a text for those that do not know blocks, and the numbers', () => {
    const body = JSON.parse(renderSlack(firingEvent(), 0)?.body ?? '')
    expect(body.text).toContain('ALARM: "cpu-high" for cpu{host="a"}')
    expect(body.text).toContain('Thresholds Crossed')
    expect(JSON.stringify(body.blocks)).toContain('*Value*\\n20')
  })

  it('escapes what Slack would take for a command, and stays inside the limits', () => {
    const event = firingEvent({}, { host: '<!channel> & co'.padEnd(4_000, '&') })
    const { text, blocks } = JSON.parse(renderSlack(event, 0)?.body ?? '')
    expect(text).not.toContain('<!channel>')
    expect(text).toContain('&lt;!channel&gt; &amp; co')
    expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/)
    for (const block of blocks) expect((block.text?.text ?? '').length).toBeLessThanOrEqual(3_000)
  })
})
