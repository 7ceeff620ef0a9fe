import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isInstalled } from '../../../../deploy/setup/node-modules.mjs'

type Packages = Record<string, { version?: string; optional?: boolean; link?: boolean }>

function project(wanted: Packages, installed: Packages | undefined): string {
  const root = mkdtempSync(join(tmpdir(), 'tidegauge-lock-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }))
  if (installed !== undefined) {
    mkdirSync(join(root, 'node_modules'))
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }))
  }
  return root
}

describe('node_modules', () => {
  const a = { 'node_modules/a': { version: '1.0.0' } }
  const native = { 'node_modules/b-darwin': { version: '1.0.0', optional: true } }

  it.each([
    ['in place', a, a, true],
    ['in place, without what is for another platform', { ...a, ...native }, a, true],
    ['missing', a, undefined, false],
    ['without a package', a, {}, false],
    ['of another version', a, { 'node_modules/a': { version: '1.0.1' } }, false],
  ])('%s', (_, wanted, installed, expected) => {
    expect(isInstalled(project(wanted, installed))).toBe(expected)
  })
})
