import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { saslOptions, tlsOptions } from '../../../../src/adapters/kafka/connection.ts'

describe('the connection to Kafka', () => {
  it('reads the files of TLS', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidegauge-tls-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = (name: string) => {
      writeFileSync(join(folder, name), name)
      return join(folder, name)
    }
    const tls = { caFile: file('ca'), certFile: file('cert'), keyFile: file('key'), serverName: 'kafka' }
    expect(tlsOptions(tls)).toEqual({ ca: 'ca', cert: 'cert', key: 'key', servername: 'kafka' })
    expect(tlsOptions({})).toEqual({})
  })

  it('names a file that cannot be read, and a certificate without its key', () => {
    expect(() => tlsOptions({ caFile: '/nowhere/ca.pem' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', where: 'kafka.tls.caFile' }),
    )
    expect(() => tlsOptions({ certFile: '/a' })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  it('passes user and password on', () => {
    const credentials = { mechanism: 'scram-sha-512', username: 'u', password: 'p' } as const
    expect(saslOptions(credentials)).toEqual(credentials)
  })
})
