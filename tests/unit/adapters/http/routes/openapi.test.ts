import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildHttp } from '../../../../../src/adapters/http/server.ts'
import { httpPorts } from '../../../../support/http-ports.ts'

interface Media {
  readonly schema: object
  readonly example?: unknown
}
interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Record<string, Media> }>
  >
}
interface Description {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

let app: FastifyInstance
let description: Description
let operations: readonly (readonly [string, Operation])[]

beforeAll(async () => {
  const { ports } = httpPorts({
    samples: { push: async () => ({ kind: 'stopping' }) },
    feedback: { submit: async () => ({ kind: 'unknown_series' }) },
    forecasts: { forecasts: () => [] },
  })
  app = await buildHttp({ port: 0, version: '1.2.3' }, ports)
  description = (await app.inject('/api/openapi.json')).json()
  operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  )
})
afterAll(() => app.close())

/** What the router itself knows, from its printed tree: `GET /api/v1/series/:id`. HEAD comes with every GET. */
function registeredRoutes(tree: string): readonly string[] {
  const prefixes: string[] = []
  return tree.split('\n').flatMap((line) => {
    const found = /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (found === null) return []
    const depth = (found[1] ?? '').length / 4
    prefixes.length = depth
    prefixes.push(found[2] ?? '')
    const path = `/${prefixes.join('')}`.replaceAll(/\/+/g, '/')
    const methods = found[3]?.split(', ').filter((method) => method !== 'HEAD') ?? []
    return methods.map((method) => `${method.toLowerCase()} ${path}`)
  })
}

describe('GET /api/openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(description)))
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(description).toMatchObject({ openapi: '3.1.0', info: { title: 'Tidegauge', version: '1.2.3' } })
  })

  it('describes every route that the router knows, but for the page', () => {
    const known = registeredRoutes(app.printRoutes({ commonPrefix: false })).map((route) =>
      route.replaceAll(/:(\w+)/g, '{$1}'),
    )
    const apart = known.filter((route) => !['get /', 'get /*'].includes(route))
    expect(known).toContain('get /')
    expect(operations.map(([name]) => name).sort()).toEqual([...apart].sort())
  })

  it('names, sums up and files every operation, and says what each answer means', () => {
    const ids = operations.map(([, { operationId }]) => operationId)
    expect(new Set(ids).size).toBe(operations.length)
    for (const [name, { operationId, summary, tags, responses }] of operations) {
      expect(operationId, name).toMatch(/^[a-z][A-Za-z]+$/)
      expect(summary, name).toBeTruthy()
      expect(tags, name).toHaveLength(1)
      for (const [status, { description: text }] of Object.entries(responses)) {
        expect(text, `${name} ${status}`).not.toMatch(/default/i)
      }
    }
  })

  it('tells of every operation with data how it refuses and fails', () => {
    for (const [name, { responses }] of operations) {
      const refusals = name.includes('/health/') ? ['500'] : ['401', '403', '500']
      expect(Object.keys(responses), name).toEqual(expect.arrayContaining(refusals))
    }
  })

  it('gives examples that fit the schemas beside them', () => {
    const ajv = new Ajv({ strict: false, formats: { 'date-time': true } })
    let checked = 0
    for (const [name, { responses, requestBody }] of operations) {
      for (const { content = {} } of [...Object.values(responses), ...(requestBody ? [requestBody] : [])]) {
        for (const { schema, example } of Object.values(content)) {
          if (example === undefined) continue
          checked++
          expect(ajv.validate(schema, example), `${name}: ${ajv.errorsText()}`).toBe(true)
        }
      }
      const success = responses['200'] ?? responses['202']
      const [media] = Object.values(success?.content ?? {})
      if (Object.keys(success?.content ?? {})[0] === 'application/json') expect(media?.example, name).toBeDefined()
    }
    expect(checked).toBeGreaterThan(operations.length * 3)
  })
})
