import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type HttpServer, startHttp } from '../../../../src/adapters/http/server.ts'
import { feedbackCommand } from '../../../../src/cli/feedback/feedback-command.ts'
import type { FeedbackOutcome, FeedbackRequest } from '../../../../src/runtime/views.ts'
import { httpPorts } from '../../../support/http-ports.ts'

const TOKEN = 'a-token-of-enough-length'
let server: HttpServer
let requests: FeedbackRequest[]
let outcome: FeedbackOutcome
let printed: string

beforeEach(async () => {
  requests = []
  outcome = { kind: 'accepted', id: 'web/cpu/60000-120000' }
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text
    return true
  })
  const submit = async (request: FeedbackRequest) => {
    requests.push(request)
    return outcome
  }
  const tokens = [{ token: TOKEN, scopes: ['feedback' as const] }]
  server = await startHttp({ port: 0, version: '1', tokens }, httpPorts({ feedback: { submit } }).ports)
  vi.stubEnv('TIDEGAUGE_API_TOKEN', TOKEN)
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await server.stop()
})

async function run(...args: readonly string[]): Promise<void> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} })
  feedbackCommand(program)
  const where = ['--pipeline', 'web', '--series', 'cpu', '--from', '60000', '--to', '1970-01-01T00:02:00Z']
  await program.parseAsync(['node', 'tidegauge', 'feedback', ...args, ...where, '--url', server.url])
}

describe('tidegauge feedback', () => {
  it('tells the process, with its token, and says what it was told of', async () => {
    await run('incident')
    const range = { startMs: 60_000, endMs: 120_000 }
    expect(requests).toEqual([{ pipeline: 'web', series: 'cpu', label: 'incident', range }])
    expect(printed).toBe('applied: incident for web/cpu/60000-120000\n')
    printed = ''
    await run('newNormal', '--json')
    expect(JSON.parse(printed)).toEqual({ id: 'web/cpu/60000-120000', label: 'newNormal' })
  })

  it('refuses a word that is no label before it asks', async () => {
    await expect(run('oops')).rejects.toThrow(/Allowed choices are incident, expected, newNormal, notAnomaly/)
    expect(requests).toEqual([])
  })

  it('says which flag the process did not like, and what to do', async () => {
    outcome = { kind: 'unknown_series' }
    await expect(run('incident')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      where: '--series',
      hint: expect.stringContaining('/api/v1/series'),
    })
    vi.stubEnv('TIDEGAUGE_API_TOKEN', 'another-token-of-enough-length')
    await expect(run('incident')).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: 'the token is not known' })
  })
})
