import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fieldReference } from '../../../src/config/field-reference.ts'

const README = join(import.meta.dirname, '../../../pipelines/README.md')

// To write it anew: npm run -s tidegauge -- check --fields, and put what it prints below the heading.
it('pipelines/README.md ends with the field reference that the schema gives', () => {
  const [, written] = readFileSync(README, 'utf8').split('## Fields\n\n')
  expect(written).toBe(fieldReference())
})
