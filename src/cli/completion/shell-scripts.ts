import { bashScript } from './bash-script.ts'
import type { CompletionNode } from './command-tree.ts'
import { fishScript } from './fish-script.ts'
import { zshScript } from './zsh-script.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript }

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** A script that teaches a shell the program's commands and options. It asks nobody: a TAB starts no process. */
export function completionScript(shell: Shell, nodes: readonly CompletionNode[]): string {
  return SCRIPTS[shell](nodes)
}
