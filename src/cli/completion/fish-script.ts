import type { CompletionNode, CompletionOption } from './command-tree.ts'
import { quoted } from './script-parts.ts'

export function fishScript(nodes: readonly CompletionNode[]): string {
  const commands = nodes.flatMap(({ path, subcommands }) =>
    subcommands.map(({ name, description }) => line(path, `-f -a ${quoted(name)} -d ${quoted(description)}`)),
  )
  const options = nodes.flatMap(({ path, options: own, words }) => [
    ...own.map((option) => line(path, optionOf(option))),
    ...words.map((word) => line(path, `-f -a ${quoted(word)}`)),
  ])
  const paths = nodes.map(({ path }) => path).filter((path) => path !== '')
  return `# fish completion of tidegauge; made by: tidegauge completion fish
# The commands among the words so far; what stands after an option is its value or an argument.
function __tidegauge_at
    set -l words (commandline -opc)
    set -l at
    for word in $words[2..-1]
        set -l longer (string join ' ' -- $at $word)
        contains -- $longer ${paths.map(quoted).join(' ')}; or break
        set at $longer
    end
    test "$at" = "$argv"
end
${[...commands, ...options].join('\n')}
`
}

const line = (path: string, what: string) =>
  `complete -c tidegauge -n ${quoted(`__tidegauge_at ${path}`.trim())} ${what}`

function optionOf({ flag, description, value, choices }: CompletionOption): string {
  const values = { none: '', file: ' -r -F', choice: ` -x -a ${quoted(choices.join(' '))}`, text: ' -x' }
  return `-l ${flag.replace(/^--/, '')}${values[value]} -d ${quoted(description)}`
}
