import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pipelineJsonSchema, pipelineJsonSchemaText } from '../../../src/config/json-schema.ts'

const FILE = join(import.meta.dirname, '../../../pipelines/schema.json')

describe('the JSON Schema of pipeline files', () => {
  // To write it anew: npm run -s tidegauge -- check --schema > pipelines/schema.json
  it('is the one in pipelines/schema.json', async () => {
    await expect(pipelineJsonSchemaText()).toMatchFileSnapshot(FILE)
  })

  it('describes every field, and refuses unknown keys wherever keys are known', () => {
    const undescribed: string[] = []
    const open: string[] = []
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      const { properties, additionalProperties, items, oneOf } = node as Record<string, unknown>
      if (properties !== undefined && additionalProperties !== false) open.push(path)
      for (const [key, field] of Object.entries(properties ?? {})) {
        if (typeof (field as Record<string, unknown>)['description'] !== 'string') undescribed.push(`${path}.${key}`)
        visit(field, `${path}.${key}`)
      }
      visit(items, `${path}[]`)
      for (const variant of (oneOf as unknown[] | undefined) ?? []) visit(variant, path)
    }
    visit(pipelineJsonSchema(), '')
    expect({ undescribed, open }).toEqual({ undescribed: [], open: [] })
  })
})
