import { loadPipeline, parsePipeline, processEnvironment } from '../config/load.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'

/**
 * How a topic's records are read: as the pipeline file says, or, without one, by defaults. `periodText` is the period
 * that the defaults take; without it they have one of their own. Throws what is wrong with either.
 */
export function topicPipeline(
  name: string,
  { file, topic, periodText }: { readonly file?: string; readonly topic: string; readonly periodText?: string },
): PipelineConfig {
  const environment = processEnvironment()
  const plain = {
    name,
    source: { kafka: { topics: [topic] } },
    ...(periodText && { period: { length: periodText } }),
  }
  const loaded =
    file === undefined ? parsePipeline(JSON.stringify(plain), name, environment) : loadPipeline(file, environment)
  if (!loaded.ok) throw loaded.error
  return loaded.value
}
