import { fileURLToPath } from 'node:url'
import { loadPipelines } from '../../src/config/load.ts'
import type { PipelineConfig } from '../../src/config/schema/pipeline.ts'

const FILE = fileURLToPath(new URL('sample-pipeline.yaml', import.meta.url))

/** A pipeline that uses every kind of output under its default name. */
export function samplePipeline(): PipelineConfig {
  const loaded = loadPipelines([FILE], { variable: () => undefined, file: () => undefined })
  if (!loaded.ok) throw loaded.error
  const [pipeline] = loaded.value
  if (pipeline === undefined) throw new Error(`${FILE} holds no pipeline`)
  return pipeline
}
