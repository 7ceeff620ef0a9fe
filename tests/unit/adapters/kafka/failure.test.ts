import { createRequire } from 'node:module'
import {
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  type KafkaJSProtocolError,
} from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { kafkaError } from '../../../../src/adapters/kafka/failure.ts'
import type { ErrorCode } from '../../../../src/core/errors.ts'
import { TidegaugeError } from '../../../../src/core/errors.ts'

/** The client's own table of what the protocol's numbers mean. */
const { createErrorFromCode } = createRequire(import.meta.url)('kafkajs/src/protocol/error') as {
  createErrorFromCode: (code: number) => KafkaJSProtocolError
}

describe('failures of the Kafka client', () => {
  const protocol: readonly [number, ErrorCode][] = [
    [3, 'TOPIC_MISSING'],
    [5, 'BROKER_UNREACHABLE'],
    [10, 'BROKER_REFUSED'],
    [14, 'BROKER_UNREACHABLE'],
    [16, 'BROKER_UNREACHABLE'],
    [23, 'BROKER_REFUSED'],
    [29, 'BROKER_REFUSED'],
    [30, 'BROKER_REFUSED'],
    [33, 'BROKER_REFUSED'],
    [34, 'BROKER_UNREACHABLE'],
    [47, 'FENCED'],
    [48, 'FENCED'],
    [49, 'FENCED'],
    [51, 'BROKER_UNREACHABLE'],
    [58, 'BROKER_REFUSED'],
    [90, 'FENCED'],
  ]

  it.each(protocol)('protocol error %i is %s', (number, code) => {
    const error = kafkaError(createErrorFromCode(number), 'topic-0')
    expect(error.code).toBe(code)
    expect(error.where).toBe('topic-0')
  })

  it('looks for the reason beneath what the client wrapped around it', () => {
    const refused = new KafkaJSConnectionError('connect ECONNREFUSED 127.0.0.1:1')
    const exceeded = new KafkaJSNumberOfRetriesExceeded(refused, { retryCount: 5, retryTime: 300 })
    const error = kafkaError(Object.assign(new KafkaJSNonRetriableError(exceeded), { cause: exceeded }))
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', message: 'connect ECONNREFUSED 127.0.0.1:1' })
    expect(error.hint).toContain('advertised listeners')
  })

  it('knows the names of the system', () => {
    const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND kafka'), { code: 'ENOTFOUND' })
    const untrusted = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(kafkaError(unknown).code).toBe('BROKER_UNREACHABLE')
    expect(kafkaError(untrusted).code).toBe('BROKER_REFUSED')
  })

  const advised: readonly [string, object, RegExp][] = [
    ['an unknown authority', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, /TIDEGAUGE_KAFKA_CA_FILE/],
    ['another host name', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, /TIDEGAUGE_BROKERS/],
    [
      'a missing client certificate',
      { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' },
      /TIDEGAUGE_KAFKA_CERT_FILE/,
    ],
    ['a wrong password', { name: 'KafkaJSSASLAuthenticationError' }, /TIDEGAUGE_KAFKA_PASSWORD/],
    ['a closed connection', { name: 'KafkaJSConnectionClosedError', retriable: true }, /TIDEGAUGE_KAFKA_TLS/],
  ]

  it.each(advised)('names the setting that mends %s', (_, fields, setting) => {
    expect(kafkaError(Object.assign(new Error('failed'), fields)).hint).toMatch(setting)
  })

  it('finds ours beneath what the client wrapped around it', () => {
    const ours = new TidegaugeError('BROKER_REFUSED', 'the token has expired', { where: 'THE_TOKEN' })
    expect(kafkaError(Object.assign(new KafkaJSNonRetriableError(ours), { cause: ours }))).toBe(ours)
  })

  it('leaves ours as they are, and calls what it does not know internal', () => {
    const ours = new TidegaugeError('MODEL_INVALID', 'of another shape')
    expect(kafkaError(ours)).toBe(ours)
    expect(kafkaError(new TypeError('x is not a function')).code).toBe('INTERNAL')
    expect(kafkaError('a text').message).toBe('a text')
  })
})
