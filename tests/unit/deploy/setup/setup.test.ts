import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ensurePrograms } from '../../../../deploy/setup/debian.mjs'
import { parseParts } from '../../../../deploy/setup/setup.mjs'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..')

function launch(args: readonly string[]) {
  return spawnSync(process.execPath, ['deploy/setup/launch.mjs', ...args], { cwd: ROOT, encoding: 'utf8' })
}

function entry(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-entry-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'entry.mts'), text)
  return join(folder, 'entry.mts')
}

describe('the parts of the set-up', () => {
  it('are named, and a misspelt one is refused with the names there are', () => {
    expect(parseParts('kafka,tfjs')).toEqual(['kafka', 'tfjs'])
    expect(() => parseParts('kafka,tensorflow')).toThrow(/unknown part tensorflow: choose from kafka, tfjs/)
  })

  it('say what to install when they may not install it', async () => {
    const path = process.env['PATH']
    const uid = process.getuid
    process.env['PATH'] = '/nowhere'
    process.getuid = () => 1000
    onTestFinished(() => {
      process.env['PATH'] = path
      if (uid !== undefined) process.getuid = uid
    })
    await expect(ensurePrograms(['java', 'mvn'], 'the Kafka broker')).rejects.toThrow(
      /the Kafka broker needs java, mvn\. Install it .*apt-get install -y default-jre-headless maven/,
    )
  })
})

describe('launch', () => {
  it("passes arguments on and keeps the entry's exit code and output", () => {
    const run = launch([entry('console.log(JSON.stringify(process.argv.slice(2))); process.exit(3)'), '--a', 'b c'])
    expect([run.status, run.stdout.trim(), run.stderr]).toEqual([3, '["--a","b c"]', ''])
  })

  it('ends as a shell would when a signal ended the entry', () => {
    expect(launch([entry("process.kill(process.pid, 'SIGKILL')")]).status).toBe(137)
  })

  it('says how it is used', () => {
    const run = launch([])
    expect([run.status, run.stderr]).toEqual([9, expect.stringContaining('usage: ')])
  })
})
