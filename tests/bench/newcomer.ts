import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import { findProgram } from '../../deploy/setup/shell.mjs'
import { freePort } from '../support/ports.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Seconds from the start of `git clone`. */
const LIMITS = { setUp: 180, alarmSeen: 300 }
const GIVE_UP_MS = 900_000
const STOP_PATIENCE_MS = 30_000
/** What the set-up would install if it were not there: a machine that has them all is faster than a new one. */
const DEBIAN_PROGRAMS = ['java', 'mvn', 'g++', 'python3', 'pip3', 'prometheus', 'prometheus-alertmanager', 'kcat']

export interface NewcomerFigures {
  readonly commit: string
  readonly limits: typeof LIMITS
  readonly within: boolean
  /** `npm run demo`: seconds from the start of `git clone`. */
  readonly demo: {
    readonly cloned: number
    /** Until the page answers: packages, Kafka's jars, and a broker that was started. */
    readonly setUp: number
    /** The first alarm of an incident on the terminal. */
    readonly alarmTold: number
    /** The same alarm on the page, in a browser that was open since the page answered. */
    readonly alarmSeen: number
    readonly alarm: string
  }
  /** `npm test -- FILTER` after it: seconds from its start. */
  readonly test: { readonly setUp: number; readonly ended: number; readonly exitCode: number } | undefined
  /** Debian's programs that were on the machine before. */
  readonly programsFound: readonly string[]
}

/**
 * What a newcomer waits for: clones HEAD into an empty folder, with empty caches (npm, pip, Maven, XDG, TMPDIR), types
 * the README's commands, and looks at the page in Chromium until the first alarm is there.
 *
 *   --test FILTER   which tests the second command runs (tests/unit/core: its set-up is what is timed); '' for none
 *   --keep          leaves the folder
 */
export async function bench(args: readonly string[]): Promise<NewcomerFigures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      test: { type: 'string', default: 'tests/unit/core' },
      keep: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  })
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-newcomer-'))
  const programsFound = DEBIAN_PROGRAMS.filter((name) => findProgram(name) !== undefined)
  try {
    const newcomer = new Newcomer(folder)
    const demo = await newcomer.demo()
    const test = values.test === '' ? undefined : await newcomer.test(values.test)
    const within = demo.setUp <= LIMITS.setUp && demo.alarmSeen <= LIMITS.alarmSeen
    return { commit: newcomer.commit, limits: LIMITS, within, demo, test, programsFound }
  } finally {
    if (values.keep === true) say(folder)
    else rmSync(folder, { recursive: true, force: true })
  }
}

class Newcomer {
  readonly commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim()
  readonly #clone: string
  readonly #env: NodeJS.ProcessEnv
  readonly #startedMs = performance.now()

  constructor(folder: string) {
    this.#clone = join(folder, 'tidegauge')
    execFileSync('git', ['clone', '-q', ROOT, this.#clone])
    this.#env = emptyCaches(folder)
  }

  async demo(): Promise<NewcomerFigures['demo']> {
    const cloned = since(this.#startedMs)
    const port = await freePort()
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
    const demo = this.#npm(['run', 'demo', '--', '--http-port', String(port)])
    try {
      const page = await browser.newPage({ viewport: { width: 1360, height: 860 } })
      let [setUp, alarmTold] = [0, 0]
      for await (const line of linesOf(demo)) {
        if (line.startsWith('page ')) {
          await page.goto(`http://127.0.0.1:${port}/`)
          setUp = since(this.#startedMs)
        }
        if (/^ +ALARM .* {2}<- /.test(line)) alarmTold ||= since(this.#startedMs)
        const series = /^see it .*(#\/series\/\S+)/.exec(line)?.[1]
        if (series === undefined) continue
        const alarm = await alarmOn(page, series)
        return { cloned, setUp, alarmTold, alarmSeen: since(this.#startedMs), alarm }
      }
      throw new Error('the demo ended before an alarm came')
    } finally {
      await ended(demo)
      await browser.close()
    }
  }

  async test(filter: string): Promise<NewcomerFigures['test']> {
    const startedMs = performance.now()
    const test = this.#npm(['test', '--', filter])
    let setUp = 0
    // What the set-up says goes to stderr: the first line that is not npm's own is the tests'.
    for await (const line of linesOf(test)) if (line !== '' && !line.startsWith('> ')) setUp ||= since(startedMs)
    return { setUp, ended: since(startedMs), exitCode: await ended(test) }
  }

  /** Both of its outputs are shown on stderr: a set-up that takes minutes should be seen at work. */
  #npm(args: readonly string[]): ChildProcess {
    say(`npm ${args.join(' ')}`)
    const options = { cwd: this.#clone, env: this.#env, detached: true, timeout: GIVE_UP_MS }
    const child = spawn('npm', args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
    process.once('exit', () => signalGroup(child, 'SIGKILL'))
    return child
  }
}

/** The environment of somebody who has never built anything here; of npm, what this run of npm added is taken out. */
function emptyCaches(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle)_.*|npm_config_local_prefix|INIT_CWD|KAFKA_BROKERS)$/.test(name),
  )
  const at = (name: string) => join(folder, name)
  mkdirSync(at('tmp'))
  return {
    ...Object.fromEntries(kept),
    npm_config_cache: at('npm'),
    PIP_CACHE_DIR: at('pip'),
    XDG_CACHE_HOME: at('cache'),
    MAVEN_OPTS: `${process.env['MAVEN_OPTS'] ?? ''} -Dmaven.repo.local=${at('m2')}`,
    TMPDIR: at('tmp'),
  }
}

/** Waits until the overview lists the series in alarm, and gives what it says. */
async function alarmOn(page: Page, series: string): Promise<string> {
  const alarm = page.locator(`.alarm-item[href="${series}"]`, { has: page.locator('[data-state="ALARM"]') }).first()
  await alarm.waitFor({ state: 'visible', timeout: 60_000 })
  return (await alarm.allInnerTexts()).join(' ').replaceAll(/\s+/g, ' ')
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  if (child.stdout === null) return
  for await (const line of createInterface({ input: child.stdout })) {
    say(`  ${line}`)
    yield line
  }
}

/** Asks npm to end, which asks the demo; gives the exit code. */
async function ended(child: ChildProcess): Promise<number> {
  const exit = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  if (child.exitCode !== null) return child.exitCode
  if (child.signalCode !== null) return 1
  child.stdout?.resume()
  child.kill('SIGTERM')
  const late = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_PATIENCE_MS)
  return exit.finally(() => clearTimeout(late))
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name)
  } catch {
    // It is gone already.
  }
}

const since = (startedMs: number) => Math.round((performance.now() - startedMs) / 100) / 10

const say = (line: string) => process.stderr.write(`${line}\n`)
