import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import type { FeedInput } from '../../app/embedded-feeds.ts'
import { processLogger, startProcess } from '../../app/process.ts'
import { loadPipelines, processEnvironment } from '../../config/load.ts'
import { ConfigError } from '../../config/problem.ts'
import { loadSettings, settingFlags } from '../../config/settings.ts'
import { startProgress } from '../progress.ts'
import { stopSignal } from '../stop-signal.ts'
import { CatchUpClock } from './catching-up.ts'

/** After everything was stopped: how long what is left in the background may take. */
const EXIT_PATIENCE_MS = 1_000
/** How often it is told how far behind a process is that has a long way to go. */
const CATCH_UP_EVERY_MS = 10_000

interface RunFlags extends Readonly<Record<string, unknown>> {
  readonly embedded?: true
  readonly input?: string
  readonly follow?: true
  readonly json?: true
}

/** `tidegauge run FILE...`: runs pipelines until told to stop, or until the input of an embedded one ends. */
export function runCommand(program: Command): void {
  const command = program
    .command('run')
    .description('run pipelines: read, score, alarm, notify; serve /metrics and the API')
    .argument('<file...>', 'pipeline files')
    .option('--embedded', 'without Kafka: samples come from --input or POST /api/v1/samples, results go to files')
    .option('--input <file>', 'with --embedded: a file of records, one a line; - is standard input')
    .option('--follow', 'with --input: wait for more at the end of the file')
    .option('--json', 'print where it listens, and how it ended, as a line of JSON each; the log stays on stderr')
  for (const { flag, description } of settingFlags()) command.option(flag, description)
  command.action((files: readonly string[], flags: RunFlags) => run(files, flags))
}

async function run(files: readonly string[], flags: RunFlags): Promise<void> {
  const environment = processEnvironment()
  const settings = loadSettings(flags, environment)
  const pipelines = loadPipelines(files, environment)
  const problems = [settings, pipelines].flatMap((loaded) => (loaded.ok ? [] : loaded.error.problems))
  if (!settings.ok || !pipelines.ok) throw new ConfigError(problems)
  const input = embeddedInput(flags)
  let progress = startProgress(0, 'bytes')
  const logger = processLogger(settings.value, (lines) => progress.write(lines))
  const embedded = input && { ...input, onFed: (name: string, bytes: number) => progress.advance(name, bytes) }
  const bytes = pipelines.value.length * (await bytesOf(input))
  const running = await startProcess({ settings: settings.value, pipelines: pipelines.value, embedded, logger })
  const say = (event: object) => flags.json === true && process.stdout.write(`${JSON.stringify(event)}\n`)
  say({ event: 'listening', url: running.url, pipelines: pipelines.value.map(({ name }) => name) })
  logger.info('listening', { url: running.url, pipelines: pipelines.value.map(({ name }) => name).join(' ') })
  const clock = new CatchUpClock()
  const following = setInterval(() => {
    const lag = running.app.listPipelines().reduce((sum, pipeline) => sum + pipeline.lag, 0)
    const behind = clock.observe(Date.now(), lag)
    if (behind !== undefined) logger.info('catching up', { lag, left: behind.left ?? 'unknown' })
  }, CATCH_UP_EVERY_MS)
  const stop = stopSignal()
  progress = startProgress(bytes, 'bytes')
  try {
    // Started rejects only when nothing at all can run; fed resolves when an input has come to its end.
    await Promise.race([stop.requested, running.started.then(() => running.fed)])
  } finally {
    progress.stop()
    clearInterval(following)
    logger.info('stopping: finishing what was read')
    const status = running.app.listPipelines()
    await running.stop()
    say({ event: 'stopped', pipelines: status.map(({ name, state, series, lag }) => ({ name, state, series, lag })) })
    stop.release()
    // All is durable and closed; a client that still looks for a broker that went away must not keep the process.
    setTimeout(() => process.exit(), EXIT_PATIENCE_MS).unref()
  }
}

/** Of an input that ends; 0 of any other, and of a file that is not there: that is said by whoever reads it. */
async function bytesOf(input: FeedInput | undefined): Promise<number> {
  if (input?.kind !== 'file' || input.follow) return 0
  const file = await stat(input.path).catch(() => undefined)
  return file?.size ?? 0
}

function embeddedInput({ embedded, input, follow }: RunFlags): FeedInput | undefined {
  if (embedded !== true) {
    if (input === undefined) return undefined
    throw new ConfigError([{ file: '--input', path: [], message: 'is read only with --embedded (add it)' }])
  }
  const common = { follow: follow === true, path: input ?? '' }
  if (input === undefined) return { ...common, kind: 'push', description: 'http' }
  if (input === '-') return { ...common, kind: 'stdin', description: 'standard input' }
  return { ...common, kind: 'file', description: `file ${input}` }
}
