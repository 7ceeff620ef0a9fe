import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { TidegaugeError } from '../../core/errors.ts'

/** The version whose jars deploy/setup puts into the cache; a test compares it with deploy/kafka/pom.xml. */
export const KAFKA_VERSION = '4.3.1'

const READY_TIMEOUT_MS = 90_000
const STOP_TIMEOUT_MS = 20_000
const OUTPUT_CHARS = 8_000

/**
 * Runs its arguments, and ends them when its own standard input does: a broker does not outlive us, not even when we
 * are killed. fd 3, because a shell gives its background jobs an empty standard input.
 */
const WATCHED = `
exec 3<&0
"$@" 3<&- </dev/null & child=$!
(cat <&3 >/dev/null; kill "$child") & watch=$!
wait "$child"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`

export interface LocalBrokerOptions {
  /** Where the log is kept. A folder of a former broker is taken up again; without one, a temporary folder is. */
  readonly folder?: string
  /** The port to listen on; a free one when absent. */
  readonly port?: number
  /** Java's heap, MiB. */
  readonly heapMb?: number
  /** More lines for server.properties; `PORT` and `CONTROLLER_PORT` in a value stand for the ports. */
  readonly properties?: Readonly<Record<string, string>>
  /** SCRAM's users, written when the log is made: the broker itself may ask for one of them. */
  readonly scram?: readonly ScramUser[]
}

export interface ScramUser {
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

export interface LocalBroker {
  readonly brokers: readonly string[]
  readonly port: number
  readonly folder: string
  /** Orderly: the broker closes its log. A temporary folder is removed unless `keep` is given. */
  stop(options?: { readonly keep?: boolean }): Promise<void>
  /** To the whole process group: SIGKILL is a crash, SIGSTOP a broker that hangs. */
  signal(name: NodeJS.Signals): void
}

/** Where the jars of Apache Kafka are on this machine. */
export function kafkaLibs(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(cache, 'tidegauge', `kafka-${KAFKA_VERSION}`, 'libs')
}

/**
 * Starts Apache Kafka (KRaft, one node, loopback) for a demo or a test and waits until it answers.
 *
 * @throws TidegaugeError SETUP_FAILED when the jars or Java are missing, or when the broker does not start; its own
 *   last words are in the message.
 */
export async function startLocalBroker(options: LocalBrokerOptions = {}): Promise<LocalBroker> {
  const libs = kafkaLibs()
  if (!existsSync(libs)) {
    throw new TidegaugeError('SETUP_FAILED', "Apache Kafka's jars are missing", { where: libs, hint: 'npm run setup' })
  }
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'tidegauge-kafka-'))
  const port = options.port ?? (await freePort())
  const properties = join(folder, 'server.properties')
  writeFileSync(properties, serverProperties(folder, port, await freePort(), options.properties ?? {}))
  const java = (heapMb: number, main: string, ...args: readonly string[]) =>
    spawnWatched(['java', `-Xmx${heapMb}m`, ...JVM_FLAGS, '-cp', join(libs, '*'), main, ...args])

  if (!existsSync(join(folder, 'log', 'meta.properties'))) {
    const users = (options.scram ?? []).flatMap(scramArguments)
    const format = java(128, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties, ...users)
    if ((await format.ended) !== 0) throw startFailed(format.output(), folder)
  }
  const server = java(options.heapMb ?? 384, 'kafka.Kafka', properties)
  const brokers = [`127.0.0.1:${port}`]
  if (!(await waitUntilReady(brokers, server))) {
    server.signal('SIGKILL')
    throw startFailed(server.output(), folder)
  }
  return {
    brokers,
    port,
    folder,
    signal: server.signal,
    stop: async ({ keep = false } = {}) => {
      await server.stop()
      if (!keep && options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A broker that lives a minute is not worth the optimising compiler; serial collection starts fastest. */
const JVM_FLAGS = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
]

function scramArguments({ mechanism, username, password }: ScramUser): readonly string[] {
  return ['--add-scram', `${mechanism}=[name=${username},password=${password}]`]
}

const CLUSTER_ID = 'dGlkZWdhdWdlLWxvY2FsMQ'

/** One replica of everything, no waiting for further members, topics only when they are asked for. */
function serverProperties(
  folder: string,
  port: number,
  controllerPort: number,
  more: Readonly<Record<string, string>>,
): string {
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(folder, 'log'),
    'auto.create.topics.enable': 'false',
    'num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    ...more,
  }
  return Object.entries(settings)
    .map(
      ([name, value]) =>
        `${name}=${value.replaceAll('CONTROLLER_PORT', String(controllerPort)).replaceAll('PORT', String(port))}\n`,
    )
    .join('')
}

interface WatchedProcess {
  /** Exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>
  running(): boolean
  output(): string
  signal(name: NodeJS.Signals): void
  stop(): Promise<void>
}

/** In a process group of its own, so that Ctrl-C in a terminal reaches us first and we end it in order. */
function spawnWatched(command: readonly string[]): WatchedProcess {
  const child = spawn('sh', ['-c', WATCHED, 'sh', ...command], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_CHARS)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      keep(Buffer.from(error.message))
      resolve(null)
    })
    child.on('close', (code) => resolve(code))
  })
  const running = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined
  return {
    ended,
    running,
    output: () => output,
    signal: (name) => signalGroup(child, name),
    stop: async () => {
      if (!running()) return
      child.stdin.end()
      const late = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_TIMEOUT_MS)
      await ended
      clearTimeout(late)
    },
  }
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // The group is gone already.
  }
}

async function waitUntilReady(brokers: readonly string[], server: WatchedProcess): Promise<boolean> {
  const kafka = new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    retry: { retries: 0 },
  })
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (server.running() && Date.now() < deadline) {
    const admin = kafka.admin()
    try {
      await admin.connect()
      const { brokers: nodes } = await admin.describeCluster()
      if (nodes.length > 0) return true
    } catch {
      // Not yet.
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
    await sleep(100)
  }
  return false
}

function startFailed(output: string, folder: string): TidegaugeError {
  const words = output.trim().split('\n').slice(-12).join('\n')
  return new TidegaugeError('SETUP_FAILED', `Apache Kafka did not start: ${words}`, {
    where: folder,
    hint: 'Java 17 or newer is needed: java -version',
  })
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(address)))
    })
  })
}
