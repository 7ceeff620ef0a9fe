import type { AlarmEvent } from '../../../alarm/alarm-event.ts'
import { clip, type Renderer, titleOf } from './renderer.ts'

const MARKS = { ALARM: ':red_circle:', OK: ':large_green_circle:', INSUFFICIENT_DATA: ':white_circle:' } as const

/** A message for an incoming webhook of Slack, and of those that take its messages. */
export const renderSlack: Renderer = (event) => {
  const title = `${MARKS[event.state.value]} ${titleOf(event)}`
  return {
    contentType: 'application/json',
    body: JSON.stringify({
      // Shown in notifications, and by receivers that do not know blocks.
      text: clip(`${escapeText(title)}\n${escapeText(event.state.reason)}`, 3_000),
      blocks: [
        { type: 'section', text: markdown(`*${escapeText(clip(title, 1_000))}*`) },
        { type: 'section', text: markdown(escapeText(clip(event.state.reason, 2_000))) },
        { type: 'section', fields: factsOf(event).map(([name, value]) => markdown(`*${name}*\n${value}`)) },
        {
          type: 'context',
          elements: [markdown(escapeText(clip(`${event.pipeline} · ${event.state.timestamp}`, 1_000)))],
        },
      ],
    }),
  }
}

/** Ten at most: Slack shows no more fields in a section. */
function factsOf(event: AlarmEvent): [string, string][] {
  const { evidence } = event
  const facts: [string, string][] = [
    ['Severity', event.severity],
    ['Before', event.previousState.value],
  ]
  if (evidence === null) return facts
  const numbers: [string, number | null][] = [
    ['Value', evidence.value],
    ['Expected', evidence.expected],
    ['Lower', evidence.lower],
    ['Upper', evidence.upper],
    ['Grade', evidence.grade],
    ['Confidence', evidence.confidence],
  ]
  for (const [name, value] of numbers) if (value !== null) facts.push([name, String(Number(value.toPrecision(6)))])
  return facts
}

const markdown = (text: string) => ({ type: 'mrkdwn', text })

/** The three characters that Slack gives a meaning to. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
