import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/** The folders of the project; each has a README. */
export const FOLDERS = ['src', 'pipelines', 'deploy', 'tests', 'grafana']

/** Every page of documentation, by its path in the project. */
export const PAGES: readonly string[] = ['README.md', ...FOLDERS.flatMap(pagesBelow)]

function pagesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
}

export const pageText = (page: string) => readFileSync(join(ROOT, page), 'utf8')

export interface Block {
  readonly line: number
  /** What follows the language on the fence: `run` has a block executed by a test. */
  readonly info: string
  readonly text: string
}

/** The fenced blocks of a language. */
export function blocksOf(markdown: string, language: string): Block[] {
  const fence = new RegExp(`^\`\`\`${language} *([^\\n]*)\\n([\\s\\S]*?)^\`\`\``, 'gm')
  return [...markdown.matchAll(fence)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    info: (match[1] ?? '').trim(),
    text: match[2] ?? '',
  }))
}
