import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { SETTINGS, type Setting } from '../../src/config/settings-table.ts'

const UNIT = readFileSync(join(import.meta.dirname, '../../deploy/systemd/tidegauge.service'), 'utf8')
const values = (key: string) => [...UNIT.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '')

describe('deploy/systemd', () => {
  it('sets what is a setting, and nothing else', () => {
    const known = Object.values<Setting>(SETTINGS).flatMap(({ variables }) =>
      variables.flatMap((name) => [name, `${name}_FILE`]),
    )
    const set = values('Environment').map((pair) => pair.split('=')[0] ?? '')
    expect(set.filter((name) => name !== 'NODE_ENV' && !known.includes(name))).toEqual([])
  })

  it('reads its secrets as credentials that it loads', () => {
    const loaded = values('LoadCredential').map((pair) => pair.split(':')[0])
    const read = [...UNIT.matchAll(/^Environment=.*_FILE=%d\/(.*)$/gm)].map(([, name]) => name)
    expect(read).toEqual(loaded)
  })

  it('keeps its state where systemd makes room for it, and has as long to stop as a drain takes', () => {
    expect(values('Environment')).toContain(`TIDEGAUGE_STATE_DIR=/var/lib/${values('StateDirectory')[0]}`)
    expect(Number.parseInt(values('TimeoutStopSec')[0] ?? '', 10)).toBeGreaterThanOrEqual(60)
  })

  it('does not try again what cannot succeed', () => {
    expect(values('Restart')).toEqual(['on-failure'])
    const codes = readFileSync(join(import.meta.dirname, '../../src/cli/exit-codes.ts'), 'utf8')
    for (const code of values('RestartPreventExitStatus')) expect(codes).toMatch(new RegExp(`\\b${code}\\b`))
  })
})

describe.skipIf(spawnSync('systemd-analyze', ['--version']).error !== undefined)('systemd-analyze', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-unit-'))
  const unit = join(folder, 'tidegauge.service')
  // The program has to exist where the unit is verified: here it is wherever this Node is.
  writeFileSync(unit, UNIT.replaceAll('/usr/bin/node', process.execPath))
  afterAll(() => rmSync(folder, { recursive: true }))
  const analyze = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, unit], { encoding: 'utf8' })
    return { status, stdout, stderr }
  }

  it('finds nothing wrong with the unit', () => {
    expect(analyze('verify', '--man=no')).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('finds it well confined', () => {
    // Exposure in tenths: 1.5 of 10. A service without any of it has 9.6.
    expect(analyze('security', '--offline=true', '--threshold=15')).toMatchObject({ status: 0 })
  })
})
