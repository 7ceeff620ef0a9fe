import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LineSplitter, readLines } from '../../../../src/adapters/disk/line-reader.ts'

const text = (lines: readonly Uint8Array[]) => lines.map((line) => Buffer.from(line).toString())

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegauge-lines-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('gives the same lines however the bytes are cut', () => {
  const content = fc.array(fc.stringMatching(/^[a-zé]{0,6}$/), { maxLength: 12 })
  fc.assert(
    fc.property(content, fc.array(fc.nat(80), { maxLength: 6 }), fc.boolean(), (lines, cuts, ended) => {
      const bytes = Buffer.from(lines.join('\n') + (ended ? '\n' : ''))
      const splitter = new LineSplitter()
      const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
      const found = edges.slice(1).flatMap((edge, i) => splitter.push(bytes.subarray(edges[i], edge)))
      expect(text([...found, ...splitter.rest()])).toEqual(lines.filter((line) => line !== ''))
    }),
  )
})

it('passes over the lines that were read before', async () => {
  const path = join(folder, 'a.jsonl')
  await writeFile(path, 'one\ntwo\n\nthree')
  const found: string[] = []
  const options = { skip: 2n, follow: false, signal: new AbortController().signal }
  for await (const lines of readLines(path, options)) found.push(...text(lines))
  expect(found).toEqual(['three'])
})

it('follows a file that is made later and grows, and waits for the end of a line', async () => {
  const path = join(folder, 'b.jsonl')
  const stop = new AbortController()
  const found: string[] = []
  const reading = (async () => {
    for await (const lines of readLines(path, { skip: 0n, follow: true, signal: stop.signal }))
      found.push(...text(lines))
  })()
  await writeFile(path, 'one\ntw')
  await expect.poll(() => found).toEqual(['one'])
  await appendFile(path, 'o\nthree\n')
  await expect.poll(() => found).toEqual(['one', 'two', 'three'])
  stop.abort()
  await reading
})

it('says which file is missing', async () => {
  const options = { skip: 0n, follow: false, signal: new AbortController().signal }
  await expect(readLines(join(folder, 'none'), options).next()).rejects.toMatchObject({ where: join(folder, 'none') })
})
