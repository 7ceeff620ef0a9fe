import type { Command } from 'commander'
import { processLogger } from '../../app/process.ts'
import { type FoundTopic, findTopics } from '../../app/topics.ts'
import { loadPipelines, processEnvironment } from '../../config/load.ts'
import { ConfigError } from '../../config/problem.ts'
import { loadSettings } from '../../config/settings.ts'
import { ERROR_CODES } from '../../core/errors.ts'
import { addBrokerOptions } from '../broker-options.ts'

interface TopicsFlags extends Readonly<Record<string, unknown>> {
  readonly create?: true
  readonly json?: true
}

/** `tidegauge topics FILE...`: what pipelines read and write, and whether the brokers have it. */
export function topicsCommand(program: Command): void {
  const command = program
    .command('topics')
    .description('list the topics that pipelines read and write, and whether the brokers have them')
    .argument('<file...>', 'pipeline files')
    .option('--create', "create what is missing, but for inputs: those are their producers'")
    .option('--json', 'print the outcome as JSON')
  addBrokerOptions(command)
  command.action(topics)
}

async function topics(files: readonly string[], flags: TopicsFlags): Promise<void> {
  const environment = processEnvironment()
  const settings = loadSettings(flags, environment)
  const pipelines = loadPipelines(files, environment)
  const problems = [settings, pipelines].flatMap((loaded) => (loaded.ok ? [] : loaded.error.problems))
  if (!settings.ok || !pipelines.ok) throw new ConfigError(problems)
  const logger = processLogger({ logLevel: 'error' })
  const found = await findTopics(settings.value.kafka, pipelines.value, { create: flags.create === true, logger })
  const ok = found.every((topic) => topic.found !== null)
  process.stdout.write(flags.json === true ? `${JSON.stringify({ ok, topics: found })}\n` : topicTable(found))
  if (!ok) process.exitCode = ERROR_CODES.TOPIC_MISSING.exitCode
}

/** One line a topic, in columns. */
export function topicTable(found: readonly FoundTopic[]): string {
  const rows = found.map((topic) => [topic.topic, topic.role, partitionsText(topic), topic.pipelines.join(', ')])
  const all = [['TOPIC', 'ROLE', 'PARTITIONS', 'PIPELINES'], ...rows]
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')
  return `${all.map((row) => line(row).trimEnd()).join('\n')}\n`
}

function partitionsText({ found, partitions, created, role }: FoundTopic): string {
  if (created) return `${found} (created)`
  if (found !== null) return String(found)
  return role === 'input' ? 'missing: its producers create it' : `missing: --create makes ${partitions}`
}
