import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { parseDuration } from '../../core/duration.ts'
import { stopSignal } from '../stop-signal.ts'
import { Demo } from './demo.ts'

interface DemoFlags {
  readonly embedded?: true
  readonly for?: number
  readonly brokers?: string
  readonly httpPort?: string
  readonly json?: true
}

/**
 * `tidegauge demo`: shows the whole job on made-up and on this machine's real metrics. With --for it ends by itself,
 * with exit code 0 only if an incident was detected and its webhook came, signed rightly.
 */
export function demoCommand(program: Command): void {
  program
    .command('demo')
    .description('a simulated fleet and this machine, through Kafka, to alarms at a local webhook receiver')
    .option('--embedded', 'without Kafka')
    .option('--for <duration>', 'end after this long, such as 90s', toDuration)
    .option('--brokers <host:port,...>', 'use this Kafka instead of starting one (env: KAFKA_BROKERS)')
    .option('--http-port <port>', 'where the page, /metrics and the API are', '9469')
    .option('--json', 'print the summary alone, as JSON; what happens goes to stderr')
    .action((flags: DemoFlags) => demo(flags))
}

async function demo(flags: DemoFlags): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-demo-'))
  const stop = stopSignal()
  try {
    const running = await Demo.start({
      embedded: flags.embedded === true,
      brokers: flags.brokers ?? process.env['KAFKA_BROKERS'],
      httpPort: flags.httpPort ?? '9469',
      stateDir,
      print: (line) => (flags.json === true ? process.stderr : process.stdout).write(`${line}\n`),
    })
    const limit = flags.for === undefined ? new Promise<void>(() => {}) : running.after(flags.for)
    await Promise.race([stop.requested, limit, running.failed])
    const summary = await running.stop()
    process.stdout.write(`${JSON.stringify(summary)}\n`)
    if (flags.for !== undefined && !summary.ok) process.exitCode = 1
  } finally {
    stop.release()
    await rm(stateDir, { recursive: true, force: true })
  }
}

function toDuration(text: string): number {
  const durationMs = parseDuration(text)
  if (durationMs === undefined || durationMs === 0) throw new InvalidArgumentError('a duration, such as 90s or 5m')
  return durationMs
}
