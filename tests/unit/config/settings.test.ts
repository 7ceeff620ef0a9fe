import { describe, expect, it } from 'vitest'
import { loadSettings, type ProcessSettings, settingFlags } from '../../../src/config/settings.ts'

const FILES: Readonly<Record<string, string>> = { '/run/secrets/password': 'from a file\n' }

function load(flags: Record<string, unknown>, variables: Record<string, string> = {}) {
  return loadSettings(flags, { variable: (name) => variables[name], file: (path) => FILES[path] })
}

function settings(flags: Record<string, unknown>, variables: Record<string, string> = {}): ProcessSettings {
  const result = load(flags, variables)
  if (!result.ok) throw result.error
  return result.value
}

function problems(flags: Record<string, unknown>, variables: Record<string, string> = {}): readonly string[] {
  const result = load(flags, variables)
  return result.ok ? [] : result.error.message.split('\n')
}

describe('process settings', () => {
  it('work without any being given', () => {
    expect(settings({})).toEqual({
      kafka: {
        brokers: undefined,
        clientId: 'tidegauge',
        modelsTopic: 'tidegauge.models',
        tls: undefined,
        credentials: undefined,
        sessionTimeoutMs: 10_000,
      },
      http: { host: '127.0.0.1', port: 9469, tokens: [] },
      stateDir: '.tidegauge',
      outputLimitBytes: 512 * 1024 * 1024,
      logLevel: 'info',
    })
  })

  it('take a flag over a variable over the default, and an empty variable for none', () => {
    expect(settings({ brokers: 'a:1' }, { KAFKA_BROKERS: 'b:2' }).kafka.brokers).toEqual(['a:1'])
    expect(settings({}, { KAFKA_BROKERS: 'b:2, c:3' }).kafka.brokers).toEqual(['b:2', 'c:3'])
    expect(settings({}, { TIDEGAUGE_BROKERS: 'd:4', KAFKA_BROKERS: 'b:2' }).kafka.brokers).toEqual(['d:4'])
    expect(settings({}, { TIDEGAUGE_LOG_LEVEL: '' }).logLevel).toBe('info')
  })

  it('read secrets from variables or files, never from flags', () => {
    const variables = {
      TIDEGAUGE_KAFKA_SASL: 'scram-sha-512',
      TIDEGAUGE_KAFKA_USERNAME: 'u',
      TIDEGAUGE_KAFKA_PASSWORD_FILE: '/run/secrets/password',
    }
    expect(settings({ kafkaPassword: 'flag' }, variables).kafka.credentials).toEqual({
      mechanism: 'scram-sha-512',
      username: 'u',
      password: 'from a file',
    })
    expect(settingFlags().some(({ flag }) => /password|api-token/.test(flag))).toBe(false)
  })

  it('take the token of oauthbearer from one place, whose file or command is asked again later', () => {
    const sasl = { TIDEGAUGE_KAFKA_SASL: 'oauthbearer' }
    const origin = (variables: Record<string, string>) => {
      const { credentials } = settings({}, { ...sasl, ...variables }).kafka
      return credentials?.mechanism === 'oauthbearer' ? credentials.origin : undefined
    }
    expect(origin({ TIDEGAUGE_KAFKA_TOKEN: 't' })).toEqual({
      kind: 'value',
      value: 't',
      setting: 'TIDEGAUGE_KAFKA_TOKEN',
    })
    // Named, not read: the file is to be read again.
    expect(origin({ TIDEGAUGE_KAFKA_TOKEN_FILE: '/not/there/yet' })).toEqual({
      kind: 'file',
      path: '/not/there/yet',
      setting: 'TIDEGAUGE_KAFKA_TOKEN_FILE',
    })
    expect(origin({ TIDEGAUGE_KAFKA_TOKEN_COMMAND: 'print' })).toMatchObject({ kind: 'command', command: 'print' })
    const three = 'TIDEGAUGE_KAFKA_TOKEN, TIDEGAUGE_KAFKA_TOKEN_FILE, TIDEGAUGE_KAFKA_TOKEN_COMMAND'
    expect(problems({}, sasl)).toEqual([`TIDEGAUGE_KAFKA_SASL: oauthbearer needs one of ${three}`])
    const twice = { ...sasl, TIDEGAUGE_KAFKA_TOKEN: 't', TIDEGAUGE_KAFKA_TOKEN_FILE: '/f' }
    expect(problems({}, twice)).toEqual([
      `TIDEGAUGE_KAFKA_TOKEN, TIDEGAUGE_KAFKA_TOKEN_FILE: oauthbearer needs one of ${three}`,
    ])
  })

  it('take one token that opens everything, and others with their scopes', () => {
    const variables = {
      TIDEGAUGE_API_TOKEN: 'the-token-of-the-admin',
      TIDEGAUGE_API_TOKENS: 'read the-token-of-grafana; read,feedback the-token-of-people',
    }
    expect(settings({}, variables).http.tokens).toEqual([
      { token: 'the-token-of-the-admin', scopes: ['admin'] },
      { token: 'the-token-of-grafana', scopes: ['read'] },
      { token: 'the-token-of-people', scopes: ['read', 'feedback'] },
    ])
  })

  it('turn TLS on with its files', () => {
    const variables = { TIDEGAUGE_KAFKA_TLS: 'on', TIDEGAUGE_KAFKA_CA_FILE: '/ca.pem' }
    expect(settings({}, variables).kafka.tls).toEqual({ caFile: '/ca.pem' })
    expect(settings({ kafkaTls: 'on' }).kafka.tls).toEqual({})
  })

  it.each([
    [
      'a broker without port',
      { brokers: 'localhost' },
      '--brokers: "localhost" is not a broker (host:port, several with commas)',
    ],
    [
      'a port out of range',
      { httpPort: '70000' },
      '--http-port: "70000" is not a port (0 to 65535; 0 takes a free one)',
    ],
    ['a misspelled level', { logLevel: 'inof' }, '--log-level: "inof" is not known (did you mean "info"?)'],
    [
      'half a certificate',
      { kafkaTls: 'on', kafkaCertFile: '/c' },
      '--kafka-cert-file: needs the key too (set TIDEGAUGE_KAFKA_KEY_FILE)',
    ],
    [
      'a CA without TLS',
      { kafkaCaFile: '/c' },
      '--kafka-ca-file: is of no use without TLS (set TIDEGAUGE_KAFKA_TLS to on)',
    ],
    [
      'a token without its mechanism',
      { kafkaTokenFile: '/t' },
      '--kafka-token-file: is of no use here (set TIDEGAUGE_KAFKA_SASL to oauthbearer)',
    ],
    ['too small a limit', { outputLimit: '7' }, '--output-limit: "7" is not a number of MiB (8 or more)'],
    [
      'a user alone',
      { kafkaUsername: 'u' },
      '--kafka-username: SASL needs mechanism, user and password together (also set TIDEGAUGE_KAFKA_SASL and TIDEGAUGE_KAFKA_PASSWORD)',
    ],
  ])('refuse %s', (_, flags, message) => {
    expect(problems(flags)).toEqual([message])
  })

  it('tell everything at once, under the name that it came from', () => {
    const variables = { KAFKA_BROKERS: 'x', TIDEGAUGE_API_TOKEN: 'short', TIDEGAUGE_KAFKA_PASSWORD_FILE: '/none' }
    expect(problems({ httpPort: 'http' }, variables)).toEqual([
      expect.stringMatching(/^--http-port: /),
      expect.stringMatching(/^KAFKA_BROKERS: /),
      'TIDEGAUGE_API_TOKEN: must have at least 16 characters',
      'TIDEGAUGE_KAFKA_PASSWORD_FILE: names a file that cannot be read (correct the path)',
    ])
  })

  it('never repeat a secret', () => {
    expect(problems({}, { TIDEGAUGE_API_TOKEN: 'hunter2' }).join()).not.toContain('hunter2')
  })
})
