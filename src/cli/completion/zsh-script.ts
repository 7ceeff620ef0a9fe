import type { CompletionNode } from './command-tree.ts'
import { pathCases, quoted, takingOptions } from './script-parts.ts'

/** To be sourced, or to be put as `_tidegauge` into a folder of `fpath`. */
export function zshScript(nodes: readonly CompletionNode[]): string {
  const cases = nodes.map(({ path, subcommands, options, words }) => {
    const next = [...subcommands.map(({ name, description }) => described(name, description)), ...words.map(quoted)]
    const flags = options.map(({ flag, description }) => described(flag, description))
    return `    ${quoted(path)})\n      next=(${next.join(' ')})\n      flags=(${flags.join(' ')}) ;;`
  })
  return `#compdef tidegauge
# zsh completion of tidegauge; made by: tidegauge completion zsh
_tidegauge() {
  local at='' word
  local -a next flags
  # The commands among the words so far; what stands after an option is its value or an argument.
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && break
    case "\${at:+$at }$word" in
      ${pathCases(nodes)}) at="\${at:+$at }$word" ;;
      *) break ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  case "$at $words[CURRENT-1]" in
${valueCases(nodes).join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then
    _describe -o 'option' flags
  elif (( $#next )); then
    _describe 'command' next
  else
    _files
  fi
}
if [[ $funcstack[1] == _tidegauge ]]; then
  _tidegauge "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _tidegauge tidegauge
fi
`
}

/** A word and what it is for, as _describe takes it: the first colon parts them. */
const described = (word: string, description: string) => quoted(`${word}:${description}`)

function valueCases(nodes: readonly CompletionNode[]): readonly string[] {
  const { choices, files, texts } = takingOptions(nodes)
  return [
    ...choices.map(({ after, values }) => `    ${after}) compadd -- ${values.map(quoted).join(' ')}; return ;;`),
    ...(files === '' ? [] : [`    ${files}) _files; return ;;`]),
    ...(texts === '' ? [] : [`    ${texts}) return 1 ;;`]),
  ]
}
