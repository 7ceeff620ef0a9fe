import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, pageText } from '../support/pages.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** Pages whose commands a reader types. */
const PAGES = ['README.md', 'deploy/docs/tutorial.md']
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** Programs of the reader's machine: that they are there is not ours to check. */
const THEIRS = new Set([
  'git',
  'cd',
  'curl',
  'docker',
  'kcat',
  'apt-get',
  'sudo',
  'export',
  'tail',
  'head',
  'jq',
  'kill',
  'mkdir',
  'rm',
  'grep',
])
const RUN_TIMEOUT_MS = 120_000

/** Simple commands of a block, without comments, variables set in front, and what follows a pipe into theirs. */
function commandsIn(text: string): string[][] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .flatMap((line) => line.split(/&&|\|\||\||;/))
    .map((command) => command.trim().split(/\s+/))
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter((words) => words[0] !== undefined && words[0] !== '')
}

/** What is wrong with a command, or undefined. */
function fault(words: readonly string[]): string | undefined {
  const [program = '', ...args] = words
  if (THEIRS.has(program)) return undefined
  if (program === 'node') {
    const file = args.find((word) => !word.startsWith('-')) ?? ''
    return existsSync(join(ROOT, file)) ? undefined : `no file ${file}`
  }
  if (program !== 'npm') return `${program} is neither npm, node, nor a program that a reader has`
  const [verb = '', ...rest] = args.filter((word) => word !== '-s')
  if (['ci', 'i', 'install', 'test'].includes(verb)) return undefined
  const script = rest[0] ?? ''
  if (verb !== 'run' || scripts[script] === undefined) return `npm ${verb} ${script}: no such script`
  return script === 'tidegauge' ? cliFault(rest.slice(rest.indexOf('--') + 1)) : undefined
}

/** A command exists if it has a help of its own. */
function cliFault([command = '']: readonly string[]): string | undefined {
  const launch = ['deploy/setup/launch.mjs', 'src/main.ts', command, '--help']
  const run = spawnSync(process.execPath, launch, { cwd: ROOT, encoding: 'utf8', timeout: RUN_TIMEOUT_MS })
  // An unknown command shows the help of the program itself.
  return run.stdout.startsWith(`Usage: tidegauge ${command} `) ? undefined : `tidegauge ${command}: no such command`
}

describe.each(PAGES)('%s', (page) => {
  const blocks = blocksOf(pageText(page), 'sh')
  const runnable = blocks.filter((block) => block.info === 'run')

  it('shows commands', () => {
    expect(blocks.length).toBeGreaterThan(0)
    expect(blocks.filter((block) => block.info !== '' && block.info !== 'run')).toEqual([])
  })

  it.each(blocks)('line $line: every command exists', ({ text }) => {
    const faults = commandsIn(text).flatMap((words) => fault(words) ?? [])
    expect(faults).toEqual([])
  })

  it.runIf(runnable.length > 0).each(runnable)('line $line: runs', ({ text }) => {
    const run = spawnSync('bash', ['-euo', 'pipefail', '-c', text], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: RUN_TIMEOUT_MS,
    })
    expect(run.status, `${run.stdout}\n${run.stderr}`).toBe(0)
  })
})

describe('code on pages', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidegauge-readme-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['README.md', 'unlike what came before'],
    ['src/forest/README.md', '1900'],
  ])('%s: the program finds what is strange', (page, said) => {
    const [program] = blocksOf(pageText(page), 'ts')
    const file = join(folder, 'program.mts')
    // A stream of the reader's own: a wave, with one value that is not of it.
    const stream = 'const stream = Array.from({ length: 2_000 }, (_, t) => Math.sin(t / 10) + (t === 1_900 ? 3 : 0))\n'
    const library = JSON.stringify(join(ROOT, 'src', 'index.ts'))
    writeFileSync(file, stream + (program?.text ?? '').replace("'tidegauge'", library))
    const { stdout, stderr } = run('--import', 'tsx', file)
    expect(stderr).toBe('')
    expect(stdout).toContain(said)
    // A shingle of eight periods holds the strange one eight times; little else is strange.
    expect(stdout.split('\n').length).toBeLessThan(20)
  })

  it('README.md: the pipeline is one', () => {
    const [pipeline] = blocksOf(pageText('README.md'), 'yaml')
    const file = join(folder, 'my-pipeline.yaml')
    writeFileSync(file, pipeline?.text ?? '')
    const env = { ...process.env, WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }
    const args = ['--import', 'tsx', 'src/main.ts', 'check', file]
    const check = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', env })
    expect(check.status, check.stdout + check.stderr).toBe(0)
  })
})

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', timeout: RUN_TIMEOUT_MS })
