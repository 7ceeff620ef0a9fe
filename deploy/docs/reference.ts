import { buildHttp } from '../../src/adapters/http/server.ts'
import { METRICS, type MetricSpec } from '../../src/adapters/prometheus/metrics.ts'
import { SERIES_METRICS } from '../../src/adapters/prometheus/series-metrics.ts'
import { ALARM_EVENT_SCHEMA } from '../../src/alarm/alarm-event-schema.ts'
import { ALARM_REASONS } from '../../src/alarm/state.ts'
import { pipelineTopics } from '../../src/app/topics.ts'
import { GRADE_REASONS } from '../../src/band/scored-point.ts'
import { type CompletionNode, commandTree } from '../../src/cli/completion/command-tree.ts'
import { EXIT_CODES } from '../../src/cli/exit-codes.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { fieldReference } from '../../src/config/field-reference.ts'
import { SETTINGS, type Setting } from '../../src/config/settings-table.ts'
import { LIMITS } from '../../src/core/limits.ts'
import { REJECT_REASONS } from '../../src/decode/decoder.ts'
import { SCORE_RECORD_SCHEMA } from '../../src/pipeline/score-record-schema.ts'
import { HEALTH_REASONS } from '../../src/runtime/views.ts'
import { httpPorts } from '../../tests/support/http-ports.ts'
import { samplePipeline } from './sample-pipeline.ts'

/** The whole reference as Markdown, made of the tables and schemas that the program itself runs by. */
export async function referenceText(): Promise<string> {
  const sections = [
    ['Commands', commands(commandTree(await buildProgram([])))],
    ['Exit codes', table(['code', 'means'], Object.entries(EXIT_CODES))],
    ['Settings of a process', settings()],
    ['Fields of a pipeline file', deeper(fieldReference())],
    ['Topics', topics()],
    ['Metrics of every series', seriesMetrics()],
    ['Metrics of the process', processMetrics()],
    ['HTTP API', await httpApi()],
    ['Reasons', reasons()],
    ['Limits', limits()],
  ] as const
  const contents = sections.map(([title]) => `- [${title}](#${title.toLowerCase().replaceAll(' ', '-')})`).join('\n')
  const body = sections.map(([title, text]) => `## ${title}\n\n${text.trimEnd()}\n`).join('\n')
  return `# Reference\n\nWritten by \`npm run docs\` from the code; a test compares the two. What the words mean, and why, stands in the\nREADME of each folder.\n\n${contents}\n\n${body}`
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const code = (text: string) => (text === '' ? '' : `\`${text}\``)

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** One heading level down. */
const deeper = (markdown: string) => markdown.replaceAll(/^(#+) /gm, '#$1 ')

function commands(nodes: readonly CompletionNode[]): string {
  return nodes
    .filter(({ path, subcommands }) => path !== '' && subcommands.length === 0)
    .map(({ path, description, options, words }) => {
      const rows = options
        .filter(({ flag }) => flag !== '--help' && !isSetting(flag))
        .map(({ flag, description: text, choices }) => [
          code(flag),
          choices.length === 0 ? text : `${text} (${choices.join(', ')})`,
        ])
      const also = options.some(({ flag }) => isSetting(flag)) ? '\n\nAnd [settings](#settings-of-a-process).' : ''
      const argument = words.length === 0 ? '' : ` One of: ${words.map(code).join(', ')}.`
      return `### \`tidegauge ${path}\`\n\n${description}.${argument}\n\n${table(['option', ''], rows)}${also}\n`
    })
    .join('\n')
}

const SETTING_FLAGS = new Set(Object.values<Setting>(SETTINGS).map(({ flag }) => flag?.split(' ')[0]))
const isSetting = (flag: string) => SETTING_FLAGS.has(flag)

function settings(): string {
  const rows = Object.values<Setting>(SETTINGS).map(({ flag, variables, description }) => [
    flag === undefined ? '' : code(flag),
    variables.map(code).join(', '),
    description,
  ])
  return `A flag wins over a variable. \`NAME_FILE\` names a file with the value of a variable without a flag.\n\n${table(['flag', 'variable', ''], rows)}`
}

const KEYS: Readonly<Record<string, string>> = {
  input: "the series, so that it stays in one partition; the producers' business",
  scores: 'the series',
  forecasts: 'the series',
  alarms: 'the series',
  'dead letters': 'none',
  state: 'a blob of state and the number of its chunk',
}

function topics(): string {
  const rows = pipelineTopics([samplePipeline()]).map(({ topic, role, partitions }) => [
    role === 'input' ? '`source.kafka.topics`' : code(topic),
    role,
    KEYS[role] ?? '',
    partitions === null ? 'as it is' : role === 'state' ? "as many as its widest input's" : String(partitions),
  ])
  const models = ['`tidegauge.models`', 'models (compacted)', 'pipeline and version', '1']
  const headers = ['pipeline', 'reason', 'detail', 'topic', 'partition', 'offset'].map((name) =>
    code(`tidegauge-${name}`),
  )
  return [
    'Default names; each pipeline may name its own. `tidegauge topics FILE` lists those of a pipeline, `--create` makes what is missing.',
    table(['topic', 'role', 'key', 'partitions when created'], [...rows, models]),
    '### A record of the scores topic',
    'JSON; `tidegauge schema scores` prints its schema.',
    fieldsOf(SCORE_RECORD_SCHEMA),
    '### A record of the alarms topic',
    'JSON; `tidegauge schema alarms` prints its schema.',
    fieldsOf(ALARM_EVENT_SCHEMA),
    '### A record of the dead-letter topic',
    `The bytes of the record as they came, with headers ${headers.join(', ')}.`,
  ].join('\n\n')
}

interface Described {
  readonly properties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Described[]
  readonly items?: Described
  readonly description?: string
}

function fieldsOf(schema: object): string {
  const { properties = {}, required = [] } = schema as Described
  const rows = Object.entries(properties).map(([name, field]) => [
    code(name),
    typeOf(field),
    required.includes(name) ? 'always' : '',
    field.description ?? '',
  ])
  return table(['field', 'type', '', ''], rows)
}

function typeOf(field: Described): string {
  if (field.const !== undefined) return code(String(field.const))
  if (field.enum !== undefined) return field.enum.map((value) => code(String(value))).join(', ')
  if (field.anyOf !== undefined) return [...new Set(field.anyOf.map(typeOf))].join(' or ')
  if (field.type === 'array') return `list of ${field.items === undefined ? 'anything' : typeOf(field.items)}`
  if (field.type === 'object') {
    const names = Object.keys(field.properties ?? {})
    return names.length === 0 ? 'object' : `object: ${names.map(code).join(', ')}`
  }
  return field.type === undefined ? '' : [field.type].flat().join(' or ')
}

function seriesMetrics(): string {
  const rows = Object.values(SERIES_METRICS).map(({ name, vmanomaly, help }) => [code(name), code(vmanomaly), help])
  return `Gauges with the labels of the series, \`pipeline\`, and where it matters the input, the alarm or the quantile. The names of vmanomaly with \`expose: { naming: vmanomaly }\`.\n\n${table(['name', 'vmanomaly', ''], rows)}`
}

function processMetrics(): string {
  const rows = Object.values<MetricSpec>(METRICS).map(({ name, kind, labels, help }) => [
    code(name),
    kind,
    labels.map(code).join(', '),
    help,
  ])
  return table(['name', 'type', 'labels', ''], rows)
}

async function httpApi(): Promise<string> {
  const { ports } = httpPorts({
    samples: { push: async () => ({ kind: 'stopping' }) },
    feedback: { submit: async () => ({ kind: 'unknown_series' }) },
    forecasts: { forecasts: () => [] },
  })
  const app = await buildHttp({ port: 0, version: '0' }, ports)
  await app.ready()
  const { paths = {} } = app.swagger() as {
    readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly summary?: string }>>>>
  }
  await app.close()
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary = '' }]) => [code(`${method.toUpperCase()} ${path}`), summary]),
  )
  rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return `\`/api/openapi.json\` has parameters, answers, errors and examples.\n\n${table(['route', ''], rows)}`
}

function reasons(): string {
  const rows = [
    ['of a grade (`reason` of a score)', GRADE_REASONS],
    ['of a state of an alarm (`reasonCode`)', ALARM_REASONS],
    ['of a dead letter', REJECT_REASONS],
    ['of not being ready', HEALTH_REASONS],
  ] as const
  return `Closed lists: they are labels of metrics, too.\n\n${table(
    ['', 'reasons'],
    rows.map(([what, list]) => [what, list.map(code).join(', ')]),
  )}`
}

function limits(): string {
  const rows = Object.entries(LIMITS).map(([name, value]) => [code(name), value.toLocaleString('en')])
  return `What no pipeline can pass; what each one means stands in \`src/core/limits.ts\`.\n\n${table(['limit', 'value'], rows)}`
}
