import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildHttp } from '../../../../../src/adapters/http/server.ts'
import { httpPorts } from '../../../../support/http-ports.ts'

const FOLDER = join(import.meta.dirname, '../../../../../src/adapters/http/page')

describe('GET /', () => {
  let app: FastifyInstance
  beforeAll(async () => {
    const tokens = [{ token: 'secret', scopes: ['admin'] as const }]
    app = await buildHttp({ port: 0, version: '1.2.3', tokens }, httpPorts().ports)
  })
  afterAll(() => app.close())

  it('is the page, for everyone, under a policy that lets in nothing from elsewhere', async () => {
    const answer = await app.inject('/')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    const policy = String(answer.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' })
    expect(answer.body).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|style=|https?:\/\//)
  })

  it('has all the parts that the page asks for, and answers 304 to who has them', async () => {
    const { body } = await app.inject('/')
    const links = [...body.matchAll(/(?:src|href)="(page\/[^"]+)"/g)].map(([, path]) => path)
    const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.js'))
    const imports = scripts.flatMap((name) => {
      const text = readFileSync(join(FOLDER, name), 'utf8')
      return [...text.matchAll(/^import .*from '\.\/([^']+)'/gm)].map(([, path]) => `page/${path}`)
    })
    expect(links.length).toBeGreaterThan(3)
    for (const path of new Set([...links, ...imports])) {
      const answer = await app.inject(`/${path}`)
      expect([path, answer.statusCode]).toEqual([path, 200])
      const again = await app.inject({ url: `/${path}`, headers: { 'if-none-match': String(answer.headers['etag']) } })
      expect(again.statusCode).toBe(304)
    }
  })

  it.each([
    'page/tsconfig.json',
    'page/uplot/uPlot.esm.d.ts',
    'page/..%2fserver.ts',
    'page/uplot/uPlot.cjs.js',
    'page/',
  ])('does not serve %s', async (path) => {
    expect((await app.inject(`/${path}`)).statusCode).toBeGreaterThanOrEqual(400)
  })

  it('writes text into the document as text only', () => {
    for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.js'))) {
      const text = readFileSync(join(FOLDER, name), 'utf8')
      expect([name, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/.test(text)]).toEqual([
        name,
        false,
      ])
    }
  })
})
