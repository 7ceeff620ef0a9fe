import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')

interface Violation {
  readonly from: string
  readonly rule: { readonly name: string }
}

/** Runs dependency-cruiser with the project's rules over the src/ of a folder. */
function violationsIn(folder: string): readonly Violation[] {
  const cruiser = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const rules = join(ROOT, 'tests', 'architecture', 'dependency-rules.cjs')
  const run = spawnSync(process.execPath, [cruiser, '--config', rules, '--output-type', 'json', 'src'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (run.stdout === '') throw new Error(run.stderr)
  const { summary } = JSON.parse(run.stdout) as { summary: { violations: readonly Violation[] } }
  return summary.violations
}

/** One planted violation each: the file that breaks the rule, and what it says. */
const PLANTED: readonly { rule: string; file: string; text: string }[] = [
  { rule: 'core-is-the-floor', file: 'core/reaches-up.ts', text: "export { stage } from '../decode/stage.ts'" },
  { rule: 'pure-not-to-shell', file: 'core/knows-app.ts', text: "export { wire } from '../app/wire.ts'" },
  { rule: 'pure-has-no-builtins', file: 'forest/reads-files.ts', text: "export { readFileSync } from 'node:fs'" },
  { rule: 'pure-has-no-packages', file: 'window/takes-package.ts', text: "export { parse } from 'yaml'" },
  { rule: 'deepar-only-tensorflow', file: 'forecast/deepar/takes-package.ts', text: "export { parse } from 'yaml'" },
  {
    rule: 'stage-decode-looks-right',
    file: 'decode/looks-right.ts',
    text: "import type { stage } from '../window/stage.ts'\nexport type Later = typeof stage",
  },
  { rule: 'stage-alarm-values', file: 'alarm/takes-value.ts', text: "export { stage } from '../band/stage.ts'" },
  {
    rule: 'stage-forest-looks-right',
    file: 'forest/knows-pipeline.ts',
    text: "export { task } from '../pipeline/task.ts'",
  },
  { rule: 'runtime-has-no-technology', file: 'runtime/uses-kafka.ts', text: "export { Kafka } from 'kafkajs'" },
  { rule: 'kafkajs-only-in-adapters-kafka', file: 'app/uses-kafka.ts', text: "export { Kafka } from 'kafkajs'" },
  { rule: 'zod-only-in-config', file: 'adapters/http/checks.ts', text: "export { z } from 'zod'" },
  { rule: 'adapters-apart', file: 'adapters/http/uses-disk.ts', text: "export { disk } from '../disk/disk.ts'" },
  { rule: 'adapters-not-to-app', file: 'adapters/http/knows-app.ts', text: "export { wire } from '../../app/wire.ts'" },
  { rule: 'config-takes-types', file: 'config/uses-runtime.ts', text: "export { loop } from '../runtime/loop.ts'" },
  { rule: 'only-app-constructs', file: 'cli/constructs.ts', text: "export { disk } from '../adapters/disk/disk.ts'" },
  { rule: 'nobody-imports-cli', file: 'app/knows-cli.ts', text: "export { command } from '../cli/command.ts'" },
  { rule: 'nobody-imports-app', file: 'config/knows-app.ts', text: "export { wire } from '../app/wire.ts'" },
  { rule: 'src-not-to-tests', file: 'app/uses-test.ts', text: "export { helper } from '../../tests/helper.ts'" },
  { rule: 'no-circular', file: 'core/circle-a.ts', text: "export { b } from './circle-b.ts'\nexport const a = 1" },
  { rule: 'no-orphans', file: 'window/alone.ts', text: 'export const alone = 1' },
]

/** What the planted files refer to, in order. */
const PRESENT: Readonly<Record<string, string>> = {
  'src/decode/stage.ts': 'export const stage = 1',
  'src/window/stage.ts': 'export const stage = 1',
  'src/band/stage.ts': 'export const stage = 1',
  'src/pipeline/task.ts': 'export const task = 1',
  'src/runtime/loop.ts': 'export const loop = 1',
  'src/adapters/disk/disk.ts': 'export const disk = 1',
  'src/app/wire.ts': 'export const wire = 1',
  'src/cli/command.ts': 'export const command = 1',
  'src/core/circle-b.ts': "export { a } from './circle-a.ts'\nexport const b = 1",
  'tests/helper.ts': 'export const helper = 1',
  'tsconfig.json':
    '{ "compilerOptions": { "module": "NodeNext", "moduleResolution": "NodeNext" }, "include": ["src"] }',
  'package.json': '{ "type": "module" }',
}

describe('the direction of dependencies', () => {
  let folder = ''
  let violations: readonly Violation[] = []

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidegauge-planted-'))
    const plant = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), `${text}\n`)
    }
    for (const [path, text] of Object.entries(PRESENT)) plant(path, text)
    for (const { file, text } of PLANTED) plant(`src/${file}`, text)
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    violations = violationsIn(folder)
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(PLANTED)('$rule reports $file', ({ rule, file }) => {
    const reported = violations.filter((violation) => violation.from === `src/${file}`).map((found) => found.rule.name)
    expect(reported).toContain(rule)
  })

  it('is kept by the real sources', () => {
    expect(violationsIn(ROOT).map((violation) => `${violation.rule.name}: ${violation.from}`)).toEqual([])
  })
})
