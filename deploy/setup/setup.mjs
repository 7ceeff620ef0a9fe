// Puts in place what the project needs on this machine. Idempotent; a few milliseconds when nothing is missing.
//   node deploy/setup/setup.mjs [--with kafka,tfjs,prometheus,alertmanager,chromium,kcat,shells]
import { pathToFileURL } from 'node:url'
import { ensurePrograms } from './debian.mjs'
import { ensureKafka } from './kafka.mjs'
import { ensureNodeModules } from './node-modules.mjs'
import { SetupError, say } from './shell.mjs'

/** Each part on its own; node_modules come first for all. TensorFlow's step is read only when it is asked for. */
const PARTS = {
  kafka: ensureKafka,
  tfjs: async () => (await import('./setup-tfjs.mjs')).ensureTensorflow(),
  prometheus: () => ensurePrograms(['prometheus'], 'tests that scrape with Prometheus'),
  alertmanager: () => ensurePrograms(['prometheus-alertmanager'], 'tests that alert by Alertmanager'),
  kcat: () => ensurePrograms(['kcat'], 'tests that produce with librdkafka'),
  chromium: () => ensurePrograms(['chromium'], 'tests of the page'),
  // Nobody has to install a shell to run the tests: those of its completion are skipped, and say so.
  shells: () => ensurePrograms(['zsh', 'fish'], 'tests of shell completion').catch(passOver),
}

function passOver(error) {
  if (!(error instanceof SetupError)) throw error
  say(`done without: ${error.message}`)
}

export const PART_NAMES = Object.keys(PARTS)

/** The parts of a `--with a,b` argument. */
export function parseParts(text) {
  const names = text.split(',').filter((name) => name !== '')
  const unknown = names.filter((name) => !Object.hasOwn(PARTS, name))
  if (unknown.length > 0) {
    throw new SetupError(`unknown part ${unknown.join(', ')}: choose from ${PART_NAMES.join(', ')}`)
  }
  return names
}

/**
 * @param {readonly string[]} parts names of PARTS, in the order they are wanted: one after the other, as apt-get has
 *   one lock
 */
export async function ensure(parts) {
  await ensureNodeModules()
  for (const part of parts) await PARTS[part]()
}

/** Runs a main function: a set-up failure is one clear message and exit code 9, as for the service itself. */
export async function main(body) {
  try {
    process.exitCode = await body()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    process.exitCode = 9
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    const [flag, list] = process.argv.slice(2)
    if (flag !== undefined && (flag !== '--with' || list === undefined)) {
      throw new SetupError(`usage: node deploy/setup/setup.mjs [--with ${PART_NAMES.join(',')}]`)
    }
    await ensure(flag === undefined ? ['kafka', 'tfjs'] : parseParts(list))
    say('everything is in place')
    return 0
  })
}
