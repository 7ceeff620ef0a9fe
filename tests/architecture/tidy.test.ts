import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const PURE = ['core', 'decode', 'window', 'forest', 'forecast', 'band', 'alarm', 'pipeline']
const BANNED =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bMath\.random\b|\bprocess\.|\bconsole\.|\bset(Timeout|Interval|Immediate)\b/
const FILE_LINES_MAX = 400

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|cjs)$/.test(entry.name) && !entry.name.includes('.generated.'))
    .map((entry) => join(entry.parentPath, entry.name))
}

const relative = (path: string) => path.slice(ROOT.length + 1)

describe('tidy', () => {
  it('pure folders read no clock, no randomness, no process and write no console', () => {
    const found = PURE.flatMap((folder) => sources(`src/${folder}`)).flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line, i) =>
          BANNED.test(line) && !/^\s*(\*|\/\/)/.test(line) ? [`${relative(path)}:${i + 1}: ${line.trim()}`] : [],
        ),
    )
    expect(found).toEqual([])
  })

  it(`no source file is longer than ${FILE_LINES_MAX} lines`, () => {
    const long = [...sources('src'), ...sources('tests'), ...sources('deploy')]
      .map((path) => ({ path: relative(path), lines: readFileSync(path, 'utf8').split('\n').length }))
      .filter((file) => file.lines > FILE_LINES_MAX)
    expect(long).toEqual([])
  })

  it('every unit test mirrors a source file', () => {
    const existing = new Set([...sources('src'), ...sources('deploy')].map(relative))
    const orphans = sources('tests/unit')
      .map(relative)
      .filter((path) => path.endsWith('.test.ts'))
      .filter((path) => {
        const mirrored = path.replace('tests/unit/', '').replace('.test.ts', '')
        return !['.ts', '.mjs'].some(
          (ending) => existing.has(`src/${mirrored}${ending}`) || existing.has(`${mirrored}${ending}`),
        )
      })
    expect(orphans).toEqual([])
  })
})
