import type { Command } from 'commander'
import { readModel } from '../../app/forecasting/model-files.ts'
import { withModels } from '../../app/model-store.ts'
import { processLogger } from '../../app/process.ts'
import { processEnvironment } from '../../config/load.ts'
import { loadSettings, settingFlags } from '../../config/settings.ts'
import { encodeModel } from '../../forecast/deepar/model-file.ts'
import type { ModelCatalog, PublishedModel } from '../../runtime/model-catalog.ts'
import { wholeFrom } from '../forecast/flags.ts'

interface ModelsFlags extends Readonly<Record<string, unknown>> {
  readonly pipeline: string
  readonly json?: true
}

/**
 * `tidegauge models list|publish|activate|rollback --pipeline NAME`: the DeepAR models of a pipeline. With brokers they
 * are in the compacted topic, without them in the state directory of an embedded process; running processes follow.
 */
export function modelsCommand(program: Command): void {
  const models = program.command('models').description("a pipeline's published DeepAR models")
  const add = (name: string, description: string) => {
    const command = models.command(name).description(description)
    command.requiredOption('--pipeline <name>', 'whose models').option('--json', 'print the outcome as JSON')
    for (const { flag, description: text } of settingFlags()) {
      if (/^--(brokers|client-id|kafka-|models-topic|state-dir|log-level)/.test(flag)) command.option(flag, text)
    }
    return command
  }
  add('list', 'versions, oldest first').action((flags: ModelsFlags) => withCatalog(flags, list))
  add('publish', 'add a model file as the newest version and make it the active one')
    .argument('<file>', 'model file, as written by train')
    .action((file: string, flags: ModelsFlags) =>
      withCatalog(flags, async (catalog) => {
        // Read and written again: only what this version can use is published, and nothing else of the file.
        const version = await catalog.publish(flags.pipeline, encodeModel(await readModel(file)))
        say(flags, { active: version }, `version ${version} is published and active`)
      }),
    )
  add('activate', 'make a published version the active one')
    .argument('<version>', 'its number', wholeFrom(1))
    .action((version: number, flags: ModelsFlags) =>
      withCatalog(flags, async (catalog) => {
        await catalog.activate(flags.pipeline, version)
        say(flags, { active: version }, `version ${version} is active`)
      }),
    )
  add('rollback', 'go back to the version that was active before').action((flags: ModelsFlags) =>
    withCatalog(flags, async (catalog) => {
      const version = await catalog.rollback(flags.pipeline)
      const text =
        version === undefined ? 'no model is active: seasonal baselines again' : `version ${version} is active`
      say(flags, { active: version ?? null }, text)
    }),
  )
}

async function withCatalog(
  flags: ModelsFlags,
  work: (catalog: ModelCatalog, flags: ModelsFlags) => Promise<void>,
): Promise<void> {
  const settings = loadSettings(flags, processEnvironment())
  if (!settings.ok) throw settings.error
  await withModels(settings.value, processLogger(settings.value), (catalog) => work(catalog, flags))
}

async function list(catalog: ModelCatalog, flags: ModelsFlags): Promise<void> {
  const models = await catalog.list(flags.pipeline)
  say(flags, { models }, models.length === 0 ? 'none was published' : models.map(lineOf).join('\n'))
}

function lineOf({ version, bytes, publishedAtMs, active }: PublishedModel): string {
  const published = new Date(publishedAtMs).toISOString()
  return `${active ? '*' : ' '} ${String(version).padStart(4)}  ${published}  ${bytes} bytes`
}

function say(flags: ModelsFlags, outcome: object, text: string): void {
  process.stdout.write(`${flags.json === true ? JSON.stringify(outcome) : text}\n`)
}
