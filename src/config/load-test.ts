import { readFileSync } from 'node:fs'
import { err, ok, type Result } from '../core/result.ts'
import { deepFreeze } from './deep-freeze.ts'
import { loadPipeline } from './load.ts'
import { ConfigError } from './problem.ts'
import { readDocument } from './read-document.ts'
import type { PipelineConfig } from './schema/pipeline.ts'
import { type PipelineTest, pipelineTestSchema } from './schema/pipeline-test.ts'
import { validate } from './validate.ts'

/** The test that stands beside a pipeline file: `x.test.yaml` beside `x.yaml`. */
export function testFileOf(pipelineFile: string): string {
  return pipelineFile.replace(/\.ya?ml$/, '.test.yaml')
}

export interface TestedPipeline {
  readonly config: PipelineConfig
  readonly test: PipelineTest
}

/** Reads a pipeline file with its test; the pipeline sees the test's environment and no other. */
export function loadPipelineTest(pipelineFile: string): Result<TestedPipeline, ConfigError> {
  const test = parsePipelineTest(testFileOf(pipelineFile))
  if (!test.ok) return test
  const { environment } = test.value
  const config = loadPipeline(pipelineFile, { variable: (name) => environment[name], file: () => undefined })
  return config.ok ? ok({ config: config.value, test: test.value }) : config
}

function parsePipelineTest(file: string): Result<PipelineTest, ConfigError> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return err(new ConfigError([{ file, path: [], message: 'the test cannot be read (write it beside its pipeline)' }]))
  }
  const literally = { variable: () => undefined, file: () => undefined }
  return readDocument(text, file, literally, (raw, unresolved) => {
    const checked = validate(pipelineTestSchema, raw)
    if (checked.ok && unresolved.length === 0) return ok(deepFreeze(checked.value))
    return err([...unresolved, ...(checked.ok ? [] : checked.findings)])
  })
}
