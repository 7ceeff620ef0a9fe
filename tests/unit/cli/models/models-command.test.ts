import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, expect, it, vi } from 'vitest'
import { modelsCommand } from '../../../../src/cli/models/models-command.ts'
import { encodeModel } from '../../../../src/forecast/deepar/model-file.ts'
import { smallConfig, untrainedModel } from '../../../support/deepar-models.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidegauge-models-'))
afterAll(() => rmSync(folder, { recursive: true }))
const fileOf = (seed: number) => {
  const file = join(folder, `model-${seed}`)
  writeFileSync(file, encodeModel(untrainedModel(smallConfig(), seed)))
  return file
}

/** What `models ...` prints. */
async function models(...args: readonly string[]): Promise<string> {
  const written: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} })
  modelsCommand(program)
  try {
    await program.parseAsync(['models', ...args, '--pipeline', 'web', '--state-dir', join(folder, 'state')], {
      from: 'user',
    })
  } finally {
    spy.mockRestore()
  }
  return written.join('')
}

it('publishes, lists, activates and goes back, in words and as JSON', async () => {
  expect(await models('list')).toBe('none was published\n')
  await expect(models('rollback')).rejects.toThrow('no model is active')
  expect(await models('publish', fileOf(1))).toBe('version 1 is published and active\n')
  expect(JSON.parse(await models('publish', fileOf(2), '--json'))).toEqual({ active: 2 })
  const listed = (await models('list')).trimEnd().split('\n')
  expect(listed).toEqual([expect.stringMatching(/^ {5}1 {2}\d{4}-.*Z {2}\d+ bytes$/), expect.stringMatching(/^\* +2 /)])
  expect(await models('activate', '1')).toBe('version 1 is active\n')
  expect(await models('rollback')).toBe('version 2 is active\n')
  const { models: found } = JSON.parse(await models('list', '--json'))
  expect(found).toMatchObject([
    { version: 1, active: false },
    { version: 2, active: true },
  ])
  expect(await models('rollback')).toBe('version 1 is active\n')
  expect(await models('rollback', '--json')).toBe('{"active":null}\n')
})

it('refuses what is no model, no version, and no number', async () => {
  const broken = join(folder, 'broken')
  writeFileSync(broken, 'not a model')
  await expect(models('publish', broken)).rejects.toMatchObject({ where: broken })
  await expect(models('publish', join(folder, 'absent'))).rejects.toThrow('cannot be read')
  await expect(models('activate', '99')).rejects.toThrow('there is no version 99')
  await expect(models('activate', 'new')).rejects.toThrow('a whole number from 1')
})
