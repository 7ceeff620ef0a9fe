import type { Command, Option } from 'commander'

/** What can be typed at one place of the command line. */
export interface CompletionNode {
  /** Words so far: empty for the program, `models publish` for a command of a command. */
  readonly path: string
  readonly description: string
  readonly subcommands: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly CompletionOption[]
  /** Words that the arguments may be; empty when any, which completes to files. */
  readonly words: readonly string[]
}

export interface CompletionOption {
  readonly flag: string
  readonly description: string
  readonly value: 'none' | 'file' | 'choice' | 'text'
  /** Of a choice. */
  readonly choices: readonly string[]
}

/** The program and every command in it, as data: completions of all shells, and the reference, are made of it. */
export function commandTree(program: Command): readonly CompletionNode[] {
  return walk(program, [])
}

function walk(command: Command, path: readonly string[]): readonly CompletionNode[] {
  const subcommands = command.commands.filter((one) => one.name() !== 'help')
  const node: CompletionNode = {
    path: path.join(' '),
    description: command.description(),
    subcommands: subcommands.map((one) => ({ name: one.name(), description: one.description() })),
    options: [...command.options.map(optionOf), HELP],
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  }
  return [node, ...subcommands.flatMap((one) => walk(one, [...path, one.name()]))]
}

const HELP: CompletionOption = { flag: '--help', description: 'show help', value: 'none', choices: [] }

/** Names of values that are paths, as they stand in `--input <file>`. */
const PATHS = /<(file|path|folder|model)>/

function optionOf(option: Option): CompletionOption {
  const choices = option.argChoices ?? choicesIn(option.flags)
  const takes = option.required || option.optional
  const value = !takes ? 'none' : choices.length > 0 ? 'choice' : PATHS.test(option.flags) ? 'file' : 'text'
  return { flag: option.long ?? option.flags, description: option.description, value, choices }
}

/** `<on|off>` names its choices itself. */
function choicesIn(flags: string): readonly string[] {
  return /<([\w-]+(?:\|[\w-]+)+)>/.exec(flags)?.[1]?.split('|') ?? []
}
