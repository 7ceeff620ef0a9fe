import type { Node, Pair, Scalar } from 'yaml'
import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { ConfigPath, Position } from './problem.ts'

/** A YAML text that was read, and where each of its values stands. */
export interface YamlSource {
  /** Plain data, after `editStrings`. */
  value(): unknown
  /** Where the value at a path stands, or the nearest thing around it that exists. */
  locate(path: ConfigPath): Position | undefined
  /** Replaces each string value (never a key) by what `edit` gives. `plain` is false for a quoted or block text. */
  editStrings(edit: (text: string, at: { path: ConfigPath; plain: boolean }) => unknown): void
}

export interface YamlProblem {
  readonly message: string
  readonly position?: Position
}

/** A file larger than this is no configuration; the parser would take long over it. */
const TEXT_CHARS_MAX = 1024 * 1024
const ALIASES_MAX = 100

export type YamlOutcome =
  | { readonly source: YamlSource; readonly problems: readonly [] }
  | { readonly source: undefined; readonly problems: readonly YamlProblem[] }

/** Reads one YAML 1.2 document. Duplicate keys, unknown tags and several documents are problems. */
export function readYaml(text: string): YamlOutcome {
  if (text.length > TEXT_CHARS_MAX) {
    return failed(`the file has ${text.length} characters, more than ${TEXT_CHARS_MAX} (is it a pipeline file?)`)
  }
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      version: '1.2',
      schema: 'core',
      logLevel: 'error',
    })
    // The first error is the one to mend; those after it follow from it more often than not.
    const [broken] = [...document.errors, ...document.warnings]
    if (broken !== undefined) {
      return { source: undefined, problems: [{ message: explain(broken), position: at(lines, broken.pos[0]) }] }
    }
    // Expanding the aliases finds those that are unknown or too many.
    document.toJS({ maxAliasCount: ALIASES_MAX })
    return { source: sourceOf(document, lines), problems: [] }
  } catch (thrown) {
    const message = thrown instanceof RangeError ? 'is nested too deeply' : (thrown as Error).message
    return failed(`not readable as YAML: ${message}`)
  }
}

function failed(message: string): YamlOutcome {
  return { source: undefined, problems: [{ message }] }
}

function explain(error: { readonly code: string; readonly message: string }): string {
  const message = error.message.replace(/\s+/g, ' ').trim()
  if (error.code === 'MULTIPLE_DOCS') return 'several YAML documents in one file (one pipeline a file: split it at ---)'
  if (error.code === 'DUPLICATE_KEY') return 'the key stands twice in one mapping (delete one)'
  if (error.code === 'TAG_RESOLVE_FAILED') return `${message} (delete it: tags are not read)`
  if (error.code === 'TAB_AS_INDENT') return 'a tab indents this line (use spaces)'
  return `not readable as YAML: ${message} (text with { } [ ] , : # in it needs quotes)`
}

function at(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

function sourceOf(document: Document, lines: LineCounter): YamlSource {
  return {
    value: () => document.toJS({ maxAliasCount: ALIASES_MAX }),
    locate: (path) => locate(document, lines, path),
    editStrings: (edit) => {
      visit(document, {
        Scalar: (key, node, ancestors) => {
          if (key === 'key' || typeof node.value !== 'string') return
          node.value = edit(node.value, { path: pathOf(ancestors, node), plain: node.type === 'PLAIN' })
        },
      })
    },
  }
}

function pathOf(ancestors: readonly (Document | Node | Pair)[], leaf: Scalar): ConfigPath {
  const chain = [...ancestors, leaf]
  return chain.flatMap((node, i): (string | number)[] => {
    if (isPair(node)) return [String(isScalar(node.key) ? node.key.value : node.key)]
    const child = chain[i + 1]
    return isSeq(node) && child !== undefined ? [node.items.indexOf(child)] : []
  })
}

function locate(document: Document, lines: LineCounter, path: ConfigPath): Position | undefined {
  let node: unknown = document.contents
  let offset = isNode(node) ? node.range?.[0] : undefined
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      if (pair === undefined) break
      offset = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      if (node === undefined) break
      offset = (isNode(node) ? node.range?.[0] : undefined) ?? offset
    } else break
  }
  return offset === undefined ? undefined : at(lines, offset)
}
