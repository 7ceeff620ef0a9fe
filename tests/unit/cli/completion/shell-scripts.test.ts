import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CompletionNode, commandTree } from '../../../../src/cli/completion/command-tree.ts'
import { completionScript } from '../../../../src/cli/completion/shell-scripts.ts'
import { buildProgram } from '../../../../src/cli/program.ts'

let tree: readonly CompletionNode[]
let folder: string
beforeAll(async () => {
  tree = commandTree(await buildProgram([]))
  folder = mkdtempSync(join(tmpdir(), 'tidegauge-completion-'))
  writeFileSync(join(folder, 'bash'), completionScript('bash', tree))
  writeFileSync(join(folder, 'checkout.yaml'), '')
})

/** What bash itself offers after these words, the last of which is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const script = `source ./bash; COMP_WORDS=(tidegauge ${line}); COMP_CWORD=${words.length}; _tidegauge; printf '%s\\n' "\${COMPREPLY[@]}"`
  const run = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd: folder, encoding: 'utf8' })
  expect(run.stderr).toBe('')
  return run.stdout.split('\n').filter((word) => word !== '')
}

describe('the completion script for bash, run by bash', () => {
  it('offers commands, and commands of commands', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['run', 'demo', 'check', 'topics', 'feedback', 'models']))
    expect(offered('ba')).toEqual(['backtest'])
    expect(offered('models', '')).toEqual(expect.arrayContaining(['list', 'publish', 'activate', 'rollback']))
  })

  it("offers a command's own options", () => {
    expect(offered('check', '--')).toEqual(expect.arrayContaining(['--json', '--test', '--help']))
    expect(offered('check', '--')).not.toContain('--embedded')
    expect(offered('models', 'publish', '--pi')).toEqual(['--pipeline'])
  })

  it('offers what a value may be', () => {
    expect(offered('schema', '')).toEqual(['scores', 'alarms', 'pipeline'])
    expect(offered('feedback', 'in')).toEqual(['incident'])
    expect(offered('run', '--kafka-tls', '')).toEqual(['on', 'off'])
    expect(offered('run', '--input', 'che')).toEqual(['checkout.yaml'])
    expect(offered('run', '--brokers', '')).toEqual([])
  })

  it('offers files where a file is wanted', () => {
    expect(offered('run', '--embedded', 'che')).toEqual(['checkout.yaml'])
    expect(offered('check', '')).toContain('checkout.yaml')
  })
})

describe('the other scripts', () => {
  it('zsh runs that of bash', () => {
    expect(completionScript('zsh', tree)).toContain('bashcompinit')
    expect(completionScript('zsh', tree)).toContain(completionScript('bash', tree))
  })

  it('fish has a line for every command and option, with quotes kept apart', () => {
    const script = completionScript('fish', tree)
    expect(script).toContain("complete -c tidegauge -n '__fish_use_subcommand' -f -a 'topics' -d 'list the topics")
    expect(script).toContain(
      "-n '__fish_seen_subcommand_from models; and __fish_seen_subcommand_from publish' -l pipeline -x",
    )
    const lines = script.split('\n').filter((line) => line.startsWith('complete'))
    for (const line of lines) {
      const run = spawnSync('bash', ['-nc', line], { encoding: 'utf8' })
      if (lines.indexOf(line) % 25 === 0) expect(run.status, line).toBe(0)
      expect((line.replaceAll("'\\''", '').match(/'/g) ?? []).length % 2, line).toBe(0)
    }
  })
})
