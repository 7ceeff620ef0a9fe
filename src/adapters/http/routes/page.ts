import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

const PAGE = fileURLToPath(new URL('../page/', import.meta.url))
const CHART_LIBRARY = join(dirname(createRequire(import.meta.url).resolve('uplot/package.json')), 'dist')

/** Only what this server serves, no inline script or style, in no frame. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  // Asked for again each time and mostly answered with 304: after an upgrade no page mixes two versions.
  'cache-control': 'no-cache',
}

/**
 * GET /: the page, and /page/: its parts. They are the same for everyone and hold no data, so no token is asked for;
 * the page asks the API with the token that its user gives.
 */
export async function pageRoutes(app: FastifyInstance): Promise<void> {
  const setHeaders = (reply: FastifyReply) => reply.headers(HEADERS)
  const common = { cacheControl: false, index: false, redirect: false, dotfiles: 'deny', setHeaders } as const
  await app.register(fastifyStatic, {
    ...common,
    root: PAGE,
    prefix: '/page/',
    allowedPath: (path) => /\.(html|css|js|svg)$/.test(path),
  })
  await app.register(fastifyStatic, {
    ...common,
    root: CHART_LIBRARY,
    prefix: '/page/uplot/',
    decorateReply: false,
    allowedPath: (path) => path === '/uPlot.esm.js' || path === '/uPlot.min.css',
  })
  app.get('/', { schema: { hide: true } }, (_, reply: FastifyReply) => reply.sendFile('index.html'))
}
