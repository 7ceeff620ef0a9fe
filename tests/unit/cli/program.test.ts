import type { Command } from 'commander'
import { beforeAll, describe, expect, it } from 'vitest'
import { CLI_EXAMPLES } from '../../../src/cli/examples.ts'
import { EXIT_CODES } from '../../../src/cli/exit-codes.ts'
import { buildProgram } from '../../../src/cli/program.ts'
import { ERROR_CODES } from '../../../src/core/errors.ts'

let program: Command
beforeAll(async () => {
  program = await buildProgram([])
})

/** Commands that do something: those without commands of their own. */
function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}

/** What `--help` prints, with what was added after it. */
function helpOf(command: Command): string {
  let text = ''
  const writeOut = (part: string) => {
    text += part
  }
  command.configureOutput({ writeOut }).outputHelp()
  return text
}

describe('the command line', () => {
  it('has its commands', () => {
    const names = program.commands.map((command) => command.name())
    expect(names).toEqual(
      expect.arrayContaining([
        'run',
        'train',
        'backtest',
        'check',
        'feedback',
        'topics',
        'demo',
        'models',
        'completion',
      ]),
    )
  })

  it('prints JSON from every command that asks for it', () => {
    const without = leaves(program).filter((command) => !command.options.some(({ long }) => long === '--json'))
    expect(without.map((command) => command.name())).toEqual([])
  })

  it('shows examples and exit codes with the help of every command', () => {
    for (const command of program.commands) {
      const help = helpOf(command)
      expect(help, command.name()).toContain('Exit codes:\n    0  done as asked')
      expect(help, command.name()).toMatch(/Examples:\n {2}# /)
    }
    expect(helpOf(program)).toContain('Exit codes:')
  })

  it('has a meaning for every exit code that an error ends with', () => {
    const codes = new Set(Object.values(ERROR_CODES).map(({ exitCode }) => exitCode))
    for (const code of codes) expect(EXIT_CODES[code], String(code)).toBeTruthy()
  })

  const lines = Object.values(CLI_EXAMPLES).flatMap((examples) => examples.map(([, line]) => line))
  it.each(lines.filter((line) => /(^|\| )tidegauge /.test(line)))('understands the example %s', async (line) => {
    const [, words = ''] = /(?:^|\| )tidegauge ([^>]*)/.exec(line) ?? []
    const args = words.trim().split(/\s+/)
    const fresh = await buildProgram(args)
    let ran = ''
    for (const command of [fresh, ...fresh.commands].flatMap(leaves)) {
      command
        .exitOverride()
        .configureOutput({ writeErr: () => {} })
        .action(() => {
          ran = command.name()
        })
    }
    await fresh.exitOverride().parseAsync(['node', 'tidegauge', ...args])
    expect(args).toContain(ran)
  })
})
