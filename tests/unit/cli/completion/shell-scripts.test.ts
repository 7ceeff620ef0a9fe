import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CompletionNode, commandTree } from '../../../../src/cli/completion/command-tree.ts'
import { completionScript, SHELLS } from '../../../../src/cli/completion/shell-scripts.ts'
import { buildProgram } from '../../../../src/cli/program.ts'
import { missingShell, offeredBy } from '../../../support/shells.ts'

let tree: readonly CompletionNode[]
let folder: string
beforeAll(async () => {
  tree = commandTree(await buildProgram([]))
  folder = mkdtempSync(join(tmpdir(), 'tidegauge-completion-'))
  writeFileSync(join(folder, 'checkout.yaml'), '')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Lines up to where TAB is pressed, and all that is offered there. */
const OFFERED: readonly (readonly [line: string, ...words: readonly string[]])[] = [
  ['tidegauge ba', 'backtest'],
  ['tidegauge c', 'check', 'completion'],
  ['tidegauge models ', 'activate', 'list', 'publish', 'rollback'],
  ['tidegauge models publish --pi', '--pipeline'],
  ['tidegauge schema ', 'alarms', 'pipeline', 'scores'],
  ['tidegauge feedback in', 'incident'],
  ['tidegauge completion ', 'bash', 'fish', 'zsh'],
  ['tidegauge run --kafka-tls ', 'off', 'on'],
  ['tidegauge run --embedded che', 'checkout.yaml'],
  ['tidegauge run --input che', 'checkout.yaml'],
  ['tidegauge check --test che', 'checkout.yaml'],
  // A file to one command, a name to another.
  ['tidegauge backtest --pipeline che', 'checkout.yaml'],
  ['tidegauge models list --pipeline che'],
  ['tidegauge run --brokers '],
  // What follows an option, or stands where a file is wanted, is no command.
  ['tidegauge run models ch', 'checkout.yaml'],
  ['tidegauge models publish ch', 'checkout.yaml'],
]

describe.each(SHELLS)('the completion script for %s, asked by the shell itself', (shell) => {
  const missing = missingShell(shell)
  // On a machine of somebody's own a shell may be missing; where everything is to be tested it may not.
  const skipped = missing !== undefined && process.env['CI'] === undefined
  const offered = (...lines: readonly string[]) => offeredBy(shell, completionScript(shell, tree), folder, lines)

  it.skipIf(skipped)(`offers what can be typed${skipped ? ` (${missing})` : ''}`, () => {
    const found = offered(...OFFERED.map(([line]) => line))
    expect(OFFERED.map(([line], i) => [line, ...(found[i] ?? []).sort()])).toEqual(OFFERED)
  })

  it.skipIf(skipped)('offers every command, and every option of each', () => {
    const commands = tree.find(({ path }) => path === '')?.subcommands.map(({ name }) => name) ?? []
    const places = tree.filter(({ path }) => path !== '')
    const [first = [], ...rest] = offered('tidegauge ', ...places.map(({ path }) => `tidegauge ${path} --`))
    expect([...first].sort()).toEqual([...commands].sort())
    places.forEach(({ path, options }, i) => {
      expect([...(rest[i] ?? [])].sort(), path).toEqual(options.map(({ flag }) => flag).sort())
    })
  })
})
