import type { CompletionNode, CompletionOption } from './command-tree.ts'

/** What all scripts are made of. */

/** A word of any of the shells, whatever is in it. */
export const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** Paths of commands, and of commands of commands, as alternatives of a `case`: the program itself is none. */
export const pathCases = (nodes: readonly CompletionNode[]) =>
  nodes
    .map(({ path }) => path)
    .filter((path) => path !== '')
    .map(quoted)
    .join('|')

export interface TakingOptions {
  /** Alternatives of a `case` over `COMMAND FLAG`, each with the values that it may be followed by. */
  readonly choices: readonly { readonly after: string; readonly values: readonly string[] }[]
  /** Those whose value is a path, and those whose value is anything else; or ''. */
  readonly files: string
  readonly texts: string
}

/** The options that take a value, by what it is: `--pipeline` is a file to one command and a name to another. */
export function takingOptions(nodes: readonly CompletionNode[]): TakingOptions {
  const places = nodes.flatMap(({ path, options }) =>
    options.map((option) => ({ ...option, at: quoted(`${path} ${option.flag}`) })),
  )
  const choices = new Map<string, string[]>()
  for (const { value, at, choices: values } of places) {
    if (value !== 'choice') continue
    const key = values.join(' ')
    choices.set(key, [...(choices.get(key) ?? []), at])
  }
  const placesOf = (kind: CompletionOption['value']) =>
    places
      .filter(({ value }) => value === kind)
      .map(({ at }) => at)
      .join('|')
  return {
    choices: [...choices].map(([values, at]) => ({ after: at.join('|'), values: values.split(' ') })),
    files: placesOf('file'),
    texts: placesOf('text'),
  }
}
