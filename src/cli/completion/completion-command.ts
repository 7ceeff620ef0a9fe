import { Argument, type Command } from 'commander'
import { commandTree } from './command-tree.ts'
import { completionScript, SHELLS, type Shell } from './shell-scripts.ts'

/** `tidegauge completion SHELL`: a script that completes commands, options and their values. */
export function completionCommand(program: Command, all: () => Promise<Command>): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('[shell]', 'which shell').choices([...SHELLS]).default('bash'))
    .option('--json', 'print all commands and their options as JSON instead')
    .action(async (shell: Shell, { json }: { readonly json?: true }) => {
      const tree = commandTree(await all())
      process.stdout.write(json === true ? `${JSON.stringify(tree)}\n` : completionScript(shell, tree))
    })
}
