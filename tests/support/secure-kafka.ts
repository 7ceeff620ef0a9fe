import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalBroker, startLocalBroker } from '../../src/adapters/kafka/local-broker.ts'
import { freePort } from './ports.ts'

/** A certificate authority of a test, with what it signed. PEM files. */
export interface TestAuthority {
  readonly folder: string
  readonly caFile: string
  /** Signs a certificate for this machine's loopback addresses; gives its files. */
  sign(name: string): { readonly certFile: string; readonly keyFile: string }
  remove(): void
}

const SUBJECT = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export function makeAuthority(name = 'Test CA'): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-ca-'))
  const file = (base: string) => join(folder, base)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const caFile = file('ca.pem')
  openssl('req', '-x509', ...SUBJECT, '-days', '2', '-subj', `/CN=${name}`, '-keyout', file('ca.key'), '-out', caFile)
  return {
    folder,
    caFile,
    sign: (of) => {
      const keyFile = file(`${of}.key`)
      const certFile = file(`${of}.pem`)
      const request = file(`${of}.csr`)
      writeFileSync(file(`${of}.ext`), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
      openssl('req', ...SUBJECT, '-subj', `/CN=${of}`, '-keyout', keyFile, '-out', request)
      const issuer = ['-CA', caFile, '-CAkey', file('ca.key'), '-CAcreateserial']
      openssl('x509', '-req', '-in', request, ...issuer, '-days', '2', '-extfile', file(`${of}.ext`), '-out', certFile)
      return { certFile, keyFile }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export const SECURE_USER = { username: 'gauge', password: 'tide-at-noon' } as const

export interface SecureBroker {
  readonly authority: TestAuthority
  /** TLS, nobody is asked who they are. */
  readonly tls: readonly string[]
  /** TLS, and a certificate of the client is asked for. */
  readonly mutual: readonly string[]
  /** TLS with SASL: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER (unsecured tokens). */
  readonly sasl: readonly string[]
  /** Neither. */
  readonly open: readonly string[]
  stop(): Promise<void>
}

const LOGIN = 'org.apache.kafka.common.security'

/** One Apache Kafka with a listener for each way of being safe. */
export async function startSecureBroker(): Promise<SecureBroker> {
  const authority = makeAuthority()
  const { certFile, keyFile } = authority.sign('broker')
  const keystore = join(authority.folder, 'broker-keystore.pem')
  writeFileSync(keystore, readFileSync(keyFile, 'utf8') + readFileSync(certFile, 'utf8'))
  const [tls, mutual, sasl] = [await freePort(), await freePort(), await freePort()]
  const listeners = `TLS://127.0.0.1:${tls},MUTUAL://127.0.0.1:${mutual},SAFE://127.0.0.1:${sasl}`
  const { username, password } = SECURE_USER
  const broker: LocalBroker = await startLocalBroker({
    scram: (['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).map((mechanism) => ({ mechanism, ...SECURE_USER })),
    properties: {
      listeners: `PLAINTEXT://127.0.0.1:PORT,CONTROLLER://127.0.0.1:CONTROLLER_PORT,${listeners}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:PORT,${listeners}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,MUTUAL:SSL,SAFE:SASL_SSL',
      'inter.broker.listener.name': 'PLAINTEXT',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keystore,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': authority.caFile,
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.safe.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      'listener.name.safe.plain.sasl.jaas.config': `${LOGIN}.plain.PlainLoginModule required user_${username}="${password}";`,
      'listener.name.safe.scram-sha-256.sasl.jaas.config': `${LOGIN}.scram.ScramLoginModule required;`,
      'listener.name.safe.scram-sha-512.sasl.jaas.config': `${LOGIN}.scram.ScramLoginModule required;`,
      'listener.name.safe.oauthbearer.sasl.jaas.config': `${LOGIN}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
      'listener.name.safe.oauthbearer.connections.max.reauth.ms': '3600000',
    },
  })
  const at = (port: number) => [`127.0.0.1:${port}`]
  return {
    authority,
    tls: at(tls),
    mutual: at(mutual),
    sasl: at(sasl),
    open: broker.brokers,
    stop: async () => {
      await broker.stop()
      authority.remove()
    },
  }
}

/** An unsecured JSON Web Token (RFC 7515 appendix A.5), as Apache Kafka takes it where nothing else is configured. */
export function unsecuredToken(subject: string, lifeSeconds: number, nowMs = Date.now()): string {
  const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')
  const issued = Math.floor(nowMs / 1000)
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: issued, exp: issued + lifeSeconds })}.`
}
