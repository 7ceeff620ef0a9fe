import { z } from 'zod'
import { pipelineSchema } from './schema/pipeline.ts'

/** A JSON Schema node, as far as it is looked at here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly additionalProperties?: JsonSchema | boolean
}

/** The JSON Schema of a pipeline file as it is written (durations as text), for editors. */
export function pipelineJsonSchema(): JsonSchema {
  return z.toJSONSchema(pipelineSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // A whole number's bounds of 2^53 say nothing to a person.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      // A section's own default is the sum of its fields' defaults.
      if (jsonSchema.type === 'object' && JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default
    },
  }) as JsonSchema
}

/** The schema as the text of a file. */
export function pipelineJsonSchemaText(): string {
  return `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`
}
