import type { CompletionNode } from './command-tree.ts'
import { pathCases, quoted, takingOptions } from './script-parts.ts'

export function bashScript(nodes: readonly CompletionNode[]): string {
  const cases = nodes.map(({ path, subcommands, options, words }) => {
    const next = [...subcommands.map(({ name }) => name), ...words].join(' ')
    const flags = options.map(({ flag }) => flag).join(' ')
    return `    ${quoted(path)}) next=${quoted(next)} flags=${quoted(flags)} ;;`
  })
  return `# bash completion of tidegauge; made by: tidegauge completion bash
_tidegauge() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path='' next='' flags='' word
  # The commands among the words so far; what stands after an option is its value or an argument.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    case "\${path:+$path }$word" in
      ${pathCases(nodes)}) path="\${path:+$path }$word" ;;
      *) break ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$path $previous" in
${valueCases(nodes).join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [[ -n $next ]]; then
    COMPREPLY=($(compgen -W "$next" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -o bashdefault -F _tidegauge tidegauge
`
}

function valueCases(nodes: readonly CompletionNode[]): readonly string[] {
  const { choices, files, texts } = takingOptions(nodes)
  return [
    ...choices.map(
      ({ after, values }) =>
        `    ${after}) COMPREPLY=($(compgen -W ${quoted(values.join(' '))} -- "$current")); return ;;`,
    ),
    ...(files === '' ? [] : [`    ${files}) COMPREPLY=($(compgen -f -- "$current")); return ;;`]),
    ...(texts === '' ? [] : [`    ${texts}) COMPREPLY=(); return ;;`]),
  ]
}
