import type { PipelineOptions } from '../pipeline/options.ts'
import { toScoreRecord } from '../pipeline/render.ts'
import type { DeadLetter, StepOutput } from '../pipeline/step-output.ts'
import type { OutputRecord, TopicPartition } from './ports.ts'

/** Where a pipeline's results go. undefined leaves that kind out. */
export interface TopicNames {
  readonly scores: string | undefined
  readonly alarms: string
  readonly deadLetter: string | undefined
}

/** The records of one commit, in a fixed order: dead letters, scores, transitions, each as the task produced them. */
export function toOutputRecords(
  options: PipelineOptions,
  topics: TopicNames,
  source: TopicPartition,
  output: StepOutput,
): OutputRecord[] {
  const records: OutputRecord[] = []
  if (topics.deadLetter !== undefined) {
    for (const letter of output.deadLetters) records.push(toDeadLetter(topics.deadLetter, options.name, source, letter))
  }
  if (topics.scores !== undefined) {
    for (const scored of output.scores) {
      records.push({
        topic: topics.scores,
        key: scored.series.key,
        value: JSON.stringify(toScoreRecord(options.name, options.window.periodMs, scored)),
        timestampMs: scored.point.timestampMs,
      })
    }
  }
  for (const event of output.events) {
    const timestampMs = Date.parse(event.state.timestamp)
    records.push({ topic: topics.alarms, key: event.series.key, value: JSON.stringify(event), timestampMs })
  }
  return records
}

function toDeadLetter(topic: string, pipeline: string, source: TopicPartition, letter: DeadLetter): OutputRecord {
  return {
    topic,
    key: null,
    value: letter.value,
    headers: {
      'tidegauge-pipeline': pipeline,
      'tidegauge-reason': letter.reason,
      'tidegauge-detail': letter.detail,
      'tidegauge-topic': source.topic,
      'tidegauge-partition': String(source.partition),
      'tidegauge-offset': String(letter.offset),
    },
  }
}
