import { z } from 'zod'
import { shown } from './validate.ts'

/** What a bearer token may open; `admin` opens everything. */
export const TOKEN_SCOPES = ['read', 'feedback', 'push', 'admin'] as const

export interface ApiToken {
  readonly token: string
  readonly scopes: readonly (typeof TOKEN_SCOPES)[number][]
}

/** Tokens are compared as they are; a short one can be guessed. */
export const TOKEN_CHARS_MIN = 16

const isScope = (text: string): text is ApiToken['scopes'][number] => (TOKEN_SCOPES as readonly string[]).includes(text)

/**
 * Several tokens in one text, one a line (or separated by `;`, for a variable of one line): `read,feedback TOKEN`.
 * Empty lines, and those that begin with `#`, say nothing. What is wrong is told by line; a token is never repeated.
 */
export function apiTokens() {
  return z.string().transform((text, context) => {
    const tokens: ApiToken[] = []
    const complain = (message: string) => context.addIssue({ code: 'custom', message })
    text.split(/[\n;]/).forEach((line, i) => {
      const [list = '', token = '', ...rest] = line.trim().split(/\s+/)
      if (list === '' || list.startsWith('#')) return
      const scopes = list.split(',')
      const unknown = scopes.find((scope) => !isScope(scope))
      const at = `line ${i + 1}`
      if (token === '' || rest.length > 0) complain(`${at} is not scopes and a token (as in: read,feedback TOKEN)`)
      else if (unknown !== undefined) {
        // What is too long for a scope may be a token in the wrong place.
        const named = unknown.length < TOKEN_CHARS_MIN ? `${shown(unknown)} is no scope` : 'begins with no scope'
        complain(`${at}: ${named} (${TOKEN_SCOPES.join(', ')})`)
      } else if (token.length < TOKEN_CHARS_MIN)
        complain(`${at}: the token has less than ${TOKEN_CHARS_MIN} characters`)
      else if (tokens.some((known) => known.token === token)) complain(`${at}: the token stands twice`)
      else tokens.push({ token, scopes: scopes.filter(isScope) })
    })
    return tokens as readonly ApiToken[]
  })
}
