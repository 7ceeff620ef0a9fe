import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runPipelineTest } from '../src/cli/check/run-pipeline-test.ts'
import { loadPipelines } from '../src/config/load.ts'
import { loadPipelineTest } from '../src/config/load-test.ts'

const FOLDER = import.meta.dirname
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))

describe.each(FILES)('%s', (file) => {
  const path = join(FOLDER, file)
  const loaded = loadPipelineTest(path)
  if (!loaded.ok) {
    it('can be read, with its test', () => expect(loaded.error.message).toBe(''))
    return
  }
  const { config, test } = loaded.value

  it.each(test.tests.map((one) => [one.name, one] as const))('%s', (_, one) => {
    expect(runPipelineTest(config, one).failures).toEqual([])
  })

  it('is named as its file, and tells editors where its schema is', () => {
    expect(file).toBe(`${config.name}.yaml`)
    expect(readFileSync(path, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/)
  })
})

it('the pipelines that are not the demo can run in one process, with no variable set', () => {
  const paths = FILES.filter((file) => !file.startsWith('demo-')).map((file) => join(FOLDER, file))
  const all = loadPipelines(paths, { variable: () => undefined, file: () => undefined })
  expect(all.ok ? '' : all.error.message).toBe('')
})
