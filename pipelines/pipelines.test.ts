import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runPipelineTest } from '../src/cli/check/run-pipeline-test.ts'
import { loadPipelines } from '../src/config/load.ts'
import { loadPipelineTest } from '../src/config/load-test.ts'

const FOLDER = import.meta.dirname
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))
const nothing = { variable: () => undefined, file: () => undefined }

describe.each(FILES)('%s', (file) => {
  const path = join(FOLDER, file)
  const loaded = loadPipelineTest(path)
  if (!loaded.ok) throw loaded.error
  const { config, test } = loaded.value

  it.each(test.tests.map((one) => [one.name, one] as const))('%s', (_, one) => {
    expect(runPipelineTest(config, one).failures).toEqual([])
  })

  it('is named as its file, and tells editors where its schema is', () => {
    expect(file).toBe(`${config.name}.yaml`)
    expect(readFileSync(path, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/)
  })
})

it('the shipped pipelines can run in one process, with no variable set', () => {
  const all = loadPipelines(
    FILES.map((file) => join(FOLDER, file)),
    nothing,
  )
  expect(all.ok ? '' : all.error.message).toBe('')
})
