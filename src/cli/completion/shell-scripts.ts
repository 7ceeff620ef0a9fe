import type { CompletionNode, CompletionOption } from './command-tree.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** A script that teaches a shell the program's commands and options. It asks nobody: a TAB starts no process. */
export function completionScript(shell: Shell, nodes: readonly CompletionNode[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(nodes)
    case 'zsh':
      // zsh runs completions of bash.
      return `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(nodes)}`
    case 'fish':
      return fishScript(nodes)
  }
}

function bashScript(nodes: readonly CompletionNode[]): string {
  const [root] = nodes
  const cases = nodes.map(({ path, subcommands, options, words }) => {
    const next = [...subcommands.map(({ name }) => name), ...words].join(' ')
    const flags = options.map(({ flag }) => flag).join(' ')
    return `    ${quoted(path)}) next=${quoted(next)} flags=${quoted(flags)} ;;`
  })
  const nested = nodes.filter(({ path }) => path !== '').map(({ path }) => quoted(path))
  return `# bash completion of tidegauge; made by: tidegauge completion bash
_tidegauge() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path='' next='' flags='' word
  # The commands among the words so far; what stands after an option is its value or an argument.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    case "\${path:+$path }$word" in
      ${nested.join('|')}) path="\${path:+$path }$word" ;;
      *) break ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$previous" in
${valueCases(nodes)}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [[ -n $next ]]; then
    COMPREPLY=($(compgen -W "$next" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -o bashdefault -F _tidegauge ${root === undefined ? '' : 'tidegauge'}
`
}

/** What follows an option that takes a value. The same option means the same in every command. */
function valueCases(nodes: readonly CompletionNode[]): string {
  const options = new Map<string, CompletionOption>()
  for (const node of nodes) for (const option of node.options) options.set(option.flag, option)
  const taking = [...options.values()].filter(({ value }) => value !== 'none')
  const flags = (value: CompletionOption['value']) =>
    taking.filter((one) => one.value === value).map(({ flag }) => flag)
  const choices = taking
    .filter(({ value }) => value === 'choice')
    .map(
      (one) => `    ${one.flag}) COMPREPLY=($(compgen -W ${quoted(one.choices.join(' '))} -- "$current")); return ;;`,
    )
  const files = flags('file')
  const texts = flags('text')
  return [
    ...choices,
    ...(files.length === 0 ? [] : [`    ${files.join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;`]),
    ...(texts.length === 0 ? [] : [`    ${texts.join('|')}) COMPREPLY=(); return ;;`]),
  ].join('\n')
}

function fishScript(nodes: readonly CompletionNode[]): string {
  const commands = nodes.flatMap(({ path, subcommands }) =>
    subcommands.map(({ name, description }) => fishLine(path, `-f -a ${quoted(name)} -d ${quoted(description)}`)),
  )
  const options = nodes.flatMap(({ path, options: own, words }) => [
    ...own.map((option) => fishLine(path, fishOption(option))),
    ...words.map((word) => fishLine(path, `-f -a ${quoted(word)}`)),
  ])
  return ['# fish completion of tidegauge; made by: tidegauge completion fish', ...commands, ...options, ''].join('\n')
}

function fishLine(path: string, what: string): string {
  const words = path.split(' ').filter((word) => word !== '')
  const condition =
    words.length === 0
      ? '__fish_use_subcommand'
      : words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ')
  return `complete -c tidegauge -n ${quoted(condition)} ${what}`
}

function fishOption({ flag, description, value, choices }: CompletionOption): string {
  const values = { none: '', file: ' -r -F', choice: ` -x -a ${quoted(choices.join(' '))}`, text: ' -x' }
  return `-l ${flag.replace(/^--/, '')}${values[value]} -d ${quoted(description)}`
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
