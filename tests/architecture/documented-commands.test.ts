import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CompletionNode, commandTree } from '../../src/cli/completion/command-tree.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { PAGES, pageText } from '../support/pages.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const NPMS_OWN = ['ci', 'install', 'prune', 'test']
/** A command in a block or between backticks: up to a comment, a further command, or three spaces of explanation. */
const COMMAND =
  /\b(?:npm (?:run )?[a-z-]|tidegauge [a-z]+ --|node (?:--import tsx )?[\w/.-]+\.m?[jt]s)[^`\n|&;#>]*?(?=[`\n|&;#>]| {3})/g

let tree: readonly CompletionNode[]
beforeAll(async () => {
  tree = commandTree(await buildProgram([]))
})

const flagsIn = (words: readonly string[]) => words.filter((word) => /^--\w/.test(word))

/** What is wrong with `tidegauge ...`. */
function cliFaults([command = '', sub = '', ...rest]: readonly string[]): string[] {
  const node = tree.find(({ path }) => path === `${command} ${sub}`) ?? tree.find(({ path }) => path === command)
  if (node === undefined) return [`no command ${command}`]
  const known = node.options.map(({ flag }) => flag)
  return flagsIn([sub, ...rest]).flatMap((flag) => (known.includes(flag) ? [] : [`${command} has no ${flag}`]))
}

/** What is wrong with arguments of a program that reads its flags by itself. */
function flagFaults(file: string, words: readonly string[]): string[] {
  if (!existsSync(join(ROOT, file))) return [`no ${file}`]
  const source = readFileSync(join(ROOT, file), 'utf8')
  const isKnown = (flag: string) => new RegExp(`(?:--|['"]|\\b)${flag.slice(2)}\\b`).test(source)
  return flagsIn(words).flatMap((flag) => (flag === '--json' || isKnown(flag) ? [] : [`${file} has no ${flag}`]))
}

function npmFaults(words: readonly string[]): string[] {
  const [verb = '', script = '', ...rest] = words.filter((word) => word !== '-s')
  if (verb !== 'run') return NPMS_OWN.includes(verb) ? [] : [`no npm ${verb}`]
  const own = rest[0] === '--' ? rest.slice(1) : []
  if (scripts[script] === undefined) return [`no script ${script}`]
  if (script === 'tidegauge') return cliFaults(own)
  if (script === 'demo') return cliFaults(['demo', ...own])
  if (script === 'chaos') return flagFaults('tests/chaos/main.ts', own)
  // A name in capitals stands for all of them.
  if (script === 'bench' && /^[a-z]/.test(own[0] ?? '')) return flagFaults(`tests/bench/${own[0]}.ts`, own.slice(1))
  return []
}

function faults(command: string): string[] {
  const [program = '', ...words] = command.trim().split(/\s+/)
  if (program === 'npm') return npmFaults(words)
  if (program === 'tidegauge') return cliFaults(words)
  const file = words.find((word) => /\.m?[jt]s$/.test(word)) ?? ''
  return existsSync(join(ROOT, file)) ? [] : [`no ${file}`]
}

describe('commands that pages name', () => {
  it.each(PAGES)('%s names only what there is', (page) => {
    const commands = pageText(page).replaceAll('\\\n', ' ').match(COMMAND) ?? []
    expect(commands.flatMap((command) => faults(command).map((fault) => `${command}: ${fault}`))).toEqual([])
  })

  it('are found, and told apart from what there is not', () => {
    const found = (text: string) => (text.match(COMMAND) ?? []).flatMap(faults)
    expect(PAGES.flatMap((page) => pageText(page).match(COMMAND) ?? []).length).toBeGreaterThan(50)
    expect(found('`npm run -s bench -- forest --json --quick` and `npm run demo -- --for 90s`\n')).toEqual([])
    expect(found('npm run -s tidegauge -- run a.yaml --emdebbed\n')).toEqual(['run has no --emdebbed'])
    expect(found('`npm run -s bench -- forrest`')).toEqual(['no tests/bench/forrest.ts'])
    expect(found('`npm run -s bench -- flood --seeds 3`')).toEqual(['tests/bench/flood.ts has no --seeds'])
    expect(found('npm run nothing\n')).toEqual(['no script nothing'])
    expect(found('`node deploy/nothing.mjs`')).toEqual(['no deploy/nothing.mjs'])
  })
})
