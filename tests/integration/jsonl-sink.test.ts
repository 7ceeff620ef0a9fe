import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { JsonlSinks } from '../../src/adapters/disk/jsonl-sink.ts'
import { Rng } from '../../src/core/rng.ts'
import { COMMIT_FOREVER, unitAfter } from '../support/commit-forever.ts'

const SCRIPT = join(import.meta.dirname, '..', 'support', 'commit-forever.ts')
const KILLS = 8

let root = ''
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Starts the writer and kills it, as nothing can prepare for, `afterMs` after it began to commit. */
async function runAndKill(afterMs: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, root], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  await sleep(afterMs)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** What an undisturbed writer has on disk after that many commits. */
function undisturbed(topic: string, commits: bigint): string {
  let text = ''
  for (let n = 0n; n < commits; n++) {
    for (const record of unitAfter(n).records) if (record.topic === topic) text += `${record.value}\n`
  }
  return text
}

describe('results on disk', () => {
  it(`are those of an undisturbed writer after ${KILLS} kills at any moment`, async () => {
    root = mkdtempSync(join(tmpdir(), 'tidegauge-kill-'))
    const rng = new Rng(7)
    const { id, group, ...source } = COMMIT_FOREVER
    let before = 0n
    for (let kill = 0; kill < KILLS; kill++) {
      await runAndKill((rng.uint32() % 200) + 5)
      const sinks = new JsonlSinks(root)
      const sink = await sinks.open(id, group)
      const offset = (await sinks.fetchCommitted(group, source))?.offset ?? 0n
      await sink.close()
      expect(offset).toBeGreaterThanOrEqual(before)
      before = offset
      for (const topic of ['scores', 'alarms']) {
        const path = sinks.outputPath(topic, id)
        expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(undisturbed(topic, offset))
      }
    }
    expect(before).toBeGreaterThan(BigInt(KILLS))
  })
})
