import type { AlarmEvent } from '../../../alarm/alarm-event.ts'
import { clip, type Renderer, titleOf } from './renderer.ts'

/** Slack takes 3,000 characters in a section; a little is kept for marks around the text. */
const SECTION_MAX = 2_900

const MARKS = { ALARM: ':red_circle:', OK: ':large_green_circle:', INSUFFICIENT_DATA: ':white_circle:' } as const

/** A message for an incoming webhook of Slack, and of those that take its messages. */
export const renderSlack: Renderer = (event) => {
  const title = `${MARKS[event.state.value]} ${titleOf(event)}`
  return {
    contentType: 'application/json',
    body: JSON.stringify({
      // Shown in notifications, and by receivers that do not know blocks.
      text: escapeText(`${title}\n${event.state.reason}`),
      blocks: [
        { type: 'section', text: markdown(`*${escapeText(title)}*`) },
        { type: 'section', text: markdown(escapeText(event.state.reason)) },
        { type: 'section', fields: factsOf(event).map(([name, value]) => markdown(`*${name}*\n${value}`)) },
        {
          type: 'context',
          elements: [markdown(escapeText(`${event.pipeline} · ${event.state.timestamp}`))],
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

/** Escapes the three characters that Slack gives a meaning to; an escape that the clipping cut in two is dropped. */
function escapeText(text: string, length = SECTION_MAX): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return clip(escaped, length).replace(/&[a-z]*…$/, '…')
}
