import { describe, expect, it } from 'vitest'
import { apiTokens } from '../../../src/config/api-tokens.ts'

const parse = (text: string) => apiTokens().safeParse(text)
const complaints = (text: string) => parse(text).error?.issues.map(({ message }) => message) ?? []

describe('tokens with scopes', () => {
  it('are one a line, with comments and empty lines between', () => {
    const text = '# Grafana\nread   token-of-grafana-1\n\n  push,feedback\ttoken-of-the-agent\n'
    expect(parse(text).data).toEqual([
      { token: 'token-of-grafana-1', scopes: ['read'] },
      { token: 'token-of-the-agent', scopes: ['push', 'feedback'] },
    ])
  })

  it.each([
    ['a scope that is none', 'raed token-of-grafana-1', 'line 1: "raed" is no scope (read, feedback, push, admin)'],
    ['no token', '\nread', 'line 2 is not scopes and a token (as in: read,feedback TOKEN)'],
    [
      'two tokens',
      'read one-token-of-two two-token-of-two',
      'line 1 is not scopes and a token (as in: read,feedback TOKEN)',
    ],
    ['a short token', 'read short', 'line 1: the token has less than 16 characters'],
    ['a token twice', 'read token-of-grafana-1;push token-of-grafana-1', 'line 2: the token stands twice'],
  ])('refuse %s', (_, text, message) => {
    expect(complaints(text)).toEqual([message])
  })

  it('never repeat what may be a token', () => {
    expect(complaints('token-of-grafana-1 read').join()).toBe(
      'line 1: begins with no scope (read, feedback, push, admin)',
    )
  })
})
