import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

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

interface Block {
  readonly line: number
  /** What follows `sh` on the fence: `run` has the block executed here. */
  readonly info: string
  readonly text: string
}

function shellBlocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^```sh *([^\n]*)\n([\s\S]*?)^```/gm)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    info: (match[1] ?? '').trim(),
    text: match[2] ?? '',
  }))
}

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
  const blocks = shellBlocks(readFileSync(join(ROOT, page), 'utf8'))
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
