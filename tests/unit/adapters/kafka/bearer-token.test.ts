import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BearerTokens, type TokenOrigin } from '../../../../src/adapters/kafka/bearer-token.ts'

const NOW = Date.UTC(2026, 0, 1)

function jwt(lifeSeconds: number, nowMs: number): string {
  const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: 'gauge', exp: nowMs / 1000 + lifeSeconds })}.`
}

function tokensOf(origin: TokenOrigin) {
  const clock = { now: NOW, nowMs: () => clock.now }
  return { clock, tokens: new BearerTokens(origin, clock) }
}

function tokenFile() {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-token-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'token')
  return { path, write: (text: string) => writeFileSync(path, `${text}\n`), remove: () => rmSync(path) }
}

describe('bearer tokens', () => {
  it('are read from a file once, and again before they expire', async () => {
    const file = tokenFile()
    const { clock, tokens } = tokensOf({ kind: 'file', path: file.path, setting: 'THE_FILE' })
    const first = jwt(100, NOW)
    file.write(first)
    expect(await tokens.token()).toBe(first)
    const second = jwt(200, NOW)
    file.write(second)
    clock.now = NOW + 69_000
    expect(await tokens.token()).toBe(first)
    clock.now = NOW + 70_000
    expect(await tokens.token()).toBe(second)
  })

  it('stay in use while whoever hands them out is away, until they expire', async () => {
    const file = tokenFile()
    const { clock, tokens } = tokensOf({ kind: 'file', path: file.path, setting: 'THE_FILE' })
    const only = jwt(100, NOW)
    file.write(only)
    await tokens.token()
    file.remove()
    clock.now = NOW + 99_000
    expect(await tokens.token()).toBe(only)
    clock.now = NOW + 100_000
    await expect(tokens.token()).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      where: 'THE_FILE',
      retryable: true,
    })
  })

  it('are printed by a command, whose output is in no message', async () => {
    const print = tokensOf({ kind: 'command', command: 'echo one-token', setting: 'THE_COMMAND' })
    expect(await print.tokens.token()).toBe('one-token')
    const fail = tokensOf({
      kind: 'command',
      command: 'echo hunter2; echo hunter2 >&2; exit 3',
      setting: 'THE_COMMAND',
    })
    const error: unknown = await fail.tokens.token().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', message: 'failed with 3' })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('hunter2')
  })

  it.each([
    ['expired', jwt(-1, NOW), 'gives a token that expired at 2025-12-31T23:59:59.000Z'],
    ['empty', ' ', 'gives no token'],
    ['two', 'a b', 'gives more than one token'],
  ])('that are %s are an error that names the setting', async (_, value, message) => {
    const { tokens } = tokensOf({ kind: 'value', value, setting: 'THE_TOKEN' })
    await expect(tokens.token()).rejects.toMatchObject({ code: 'BROKER_REFUSED', where: 'THE_TOKEN', message })
  })

  it('are asked for anew when the brokers did not take one', async () => {
    const file = tokenFile()
    const { tokens } = tokensOf({ kind: 'file', path: file.path, setting: 'THE_FILE' })
    file.write('first')
    await tokens.token()
    file.write('second')
    expect(await tokens.token()).toBe('first')
    expect(tokens.refused('invalid_token').describe()).toMatch(/^THE_FILE: .*invalid_token/)
    expect(await tokens.token()).toBe('second')
  })
})
