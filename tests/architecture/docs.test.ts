import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { documents } from '../../deploy/docs/build.ts'
import { FOLDERS, PAGES } from '../support/pages.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** Targets of links and pictures, but for those on other hosts. */
function links(text: string): readonly string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((one) => !/^https?:/.test(one))
}

/** A heading as GitHub's anchor. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

const anchorsIn = (text: string) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ''))

describe('generated documents', () => {
  let written: ReadonlyMap<string, string>
  beforeAll(async () => {
    written = await documents()
  })

  it.each(['reference.md', 'forest.svg', 'evidence.svg', 'unlearned.svg', 'not-unlearned.svg'])(
    '%s is what the code says: npm run docs writes it anew',
    (name) => {
      const file = name.endsWith('.svg') ? join('pictures', name) : name
      const committed = readFileSync(join(ROOT, 'deploy', 'docs', file), 'utf8')
      expect(committed === written.get(file), `${file} is old: npm run docs`).toBe(true)
    },
  )

  it('are all compared here', () => {
    expect(written.size).toBe(5)
  })
})

describe('documents', () => {
  it('stand in every folder', () => {
    const source = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `src/${entry.name}`)
    const without = [...FOLDERS, ...source].filter((folder) => !existsSync(join(ROOT, folder, 'README.md')))
    expect(without).toEqual([])
  })

  it.each(PAGES)('%s links to what is there', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8')
    const broken = links(text).filter((target) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path)
      if (!existsSync(file)) return true
      return anchor !== undefined && !anchorsIn(readFileSync(file, 'utf8')).includes(anchor)
    })
    expect(broken).toEqual([])
  })
})
