import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { JsonlSinks } from '../../../../src/adapters/disk/jsonl-sink.ts'
import { closedSegments, followSegments, segmentPath } from '../../../../src/adapters/disk/segments.ts'
import type { CommitUnit, OutputRecord } from '../../../../src/runtime/ports.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tidegauge-sink-'))
  folders.push(made)
  return made
}

const ID = 'tidegauge.web.samples.0'
const GROUP = 'tidegauge-web'
const SOURCE = { topic: 'samples', partition: 0 }
const SCORES = 'tidegauge.scores'

const score = (n: number): OutputRecord => ({ topic: SCORES, key: 'cpu', value: JSON.stringify({ n }) })
const alarm = (n: number): OutputRecord => ({
  topic: 'tidegauge.alarms',
  key: 'cpu',
  value: JSON.stringify({ alarm: n }),
})
const unit = (offset: number, ...records: OutputRecord[]): CommitUnit => ({
  records,
  offsets: [{ ...SOURCE, offset: BigInt(offset), metadata: `m${offset}` }],
})

const read = (sinks: JsonlSinks, topic = SCORES) => readFileSync(sinks.outputPath(topic, ID), 'utf8')
const numbers = (sinks: JsonlSinks) =>
  read(sinks)
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { n: number }).n)
const offsetOf = async (sinks: JsonlSinks) => (await sinks.fetchCommitted(GROUP, SOURCE))?.offset

describe('JsonlSinks', () => {
  it('writes records as lines and remembers the offsets over a restart', async () => {
    const root = folder()
    const first = new JsonlSinks(root)
    const sink = await first.open(ID, GROUP)
    expect(await offsetOf(first)).toBeUndefined()
    await sink.commit(unit(10, score(1), alarm(1), score(2)))
    await sink.commit(unit(20, score(3)))
    await sink.close()

    const second = new JsonlSinks(root)
    const again = await second.open(ID, GROUP)
    expect(await second.fetchCommitted(GROUP, SOURCE)).toEqual({ offset: 20n, metadata: 'm20' })
    await again.commit(unit(30, score(4)))
    await again.close()
    expect(read(second)).toBe('{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n')
    expect(read(second, 'tidegauge.alarms')).toBe('{"alarm":1}\n')
    expect(await second.fetchCommitted('other', SOURCE)).toBeUndefined()
    expect(await second.fetchCommitted(GROUP, { ...SOURCE, partition: 1 })).toBeUndefined()
  })

  it('commits offsets that brought no records', async () => {
    const root = folder()
    const sink = await new JsonlSinks(root).open(ID, GROUP)
    await sink.commit(unit(5))
    await sink.close()
    const again = new JsonlSinks(root)
    await (await again.open(ID, GROUP)).close()
    expect(await offsetOf(again)).toBe(5n)
  })

  it('writes what is no plain line with all that belongs to it', async () => {
    const root = folder()
    const sinks = new JsonlSinks(root)
    const sink = await sinks.open(ID, GROUP)
    const headers = { 'tidegauge-reason': 'not_json' }
    await sink.commit(
      unit(
        1,
        { topic: 'dead', key: null, value: Uint8Array.of(0, 255, 10), headers },
        { topic: 'dead', key: 'k', value: null, timestampMs: 5 },
        { topic: 'dead', key: 'k', value: 'two\nlines' },
      ),
    )
    await sink.close()
    expect(read(sinks, 'dead')).toBe(
      '{"key":null,"valueBase64":"AP8K","headers":{"tidegauge-reason":"not_json"}}\n' +
        '{"key":"k","value":null,"timestampMs":5}\n' +
        '{"key":"k","value":"two\\nlines"}\n',
    )
  })

  it('a crash inside any unit of the journal, or between two, leaves exactly the commits that were whole', async () => {
    const root = folder()
    const sinks = new JsonlSinks(root)
    const sink = await sinks.open(ID, GROUP)
    const journal = join(root, 'journal', `${ID}.journal`)
    /** Length of the journal after each commit. */
    const ends = [0]
    for (let n = 1; n <= 3; n++) {
      await sink.commit(unit(n * 10, score(n)))
      ends.push(readFileSync(journal).length)
    }
    await sink.close()
    const length = ends.at(-1) ?? 0
    const edges = ends.flatMap((end) => [end - 1, end, end + 1, end + 4, end + 5])
    const strides = Array.from({ length: Math.ceil(length / 37) }, (_, i) => i * 37)
    for (const cut of [...edges, ...strides].filter((at) => at >= 0 && at <= length)) {
      const crashed = join(folder(), 'data')
      cpSync(root, crashed, { recursive: true })
      truncateSync(join(crashed, 'journal', `${ID}.journal`), cut)
      const recovered = new JsonlSinks(crashed)
      const again = await recovered.open(ID, GROUP)
      const whole = ends.filter((end) => end > 0 && end <= cut).length
      expect(await offsetOf(recovered)).toBe(whole === 0 ? undefined : BigInt(whole * 10))
      // The work since then is done again, and comes out the same.
      for (let n = whole + 1; n <= 3; n++) await again.commit(unit(n * 10, score(n)))
      await again.close()
      expect(read(recovered)).toBe(read(sinks))
    }
  })

  it.each([
    ['garbage', Buffer.from([9, 0, 0, 0, 1, 2, 3])],
    ['a unit with damaged contents', Buffer.concat([Buffer.from([12, 0, 0, 0]), Buffer.alloc(12, 7)])],
    ['zeros, as a power failure leaves them', Buffer.alloc(4096)],
  ])('cuts off a tail of %s', async (_, tail) => {
    const root = folder()
    const sinks = new JsonlSinks(root)
    const sink = await sinks.open(ID, GROUP)
    await sink.commit(unit(10, score(1)))
    await sink.close()
    appendFileSync(join(root, 'journal', `${ID}.journal`), tail)
    appendFileSync(sinks.outputPath(SCORES, ID), '{"n":99}\n{"n":1')
    const again = new JsonlSinks(root)
    await (await again.open(ID, GROUP)).close()
    expect(await offsetOf(again)).toBe(10n)
    expect(numbers(again)).toEqual([1])
  })

  it('refuses a journal that is damaged before its end, and says where', async () => {
    const root = folder()
    const sink = await new JsonlSinks(root).open(ID, GROUP)
    await sink.commit(unit(10, score(1)))
    await sink.commit(unit(20, score(2)))
    await sink.close()
    const journal = join(root, 'journal', `${ID}.journal`)
    const bytes = readFileSync(journal)
    bytes[12] = (bytes[12] ?? 0) ^ 0xff
    writeFileSync(journal, bytes)
    await expect(new JsonlSinks(root).open(ID, GROUP)).rejects.toMatchObject({
      code: 'SNAPSHOT_INVALID',
      where: expect.stringContaining('at byte 0'),
    })
  })

  it('fences the one before: it can neither commit nor touch the files', async () => {
    const root = folder()
    const sinks = new JsonlSinks(root)
    const former = await sinks.open(ID, GROUP)
    await former.commit(unit(10, score(1)))
    const present = await new JsonlSinks(root).open(ID, GROUP)
    await expect(former.commit(unit(20, score(2)))).rejects.toMatchObject({ code: 'FENCED' })
    await present.commit(unit(20, score(2)))
    await expect(former.commit(unit(20, score(2)))).rejects.toMatchObject({ code: 'FENCED' })
    await former.close()
    await present.close()
    expect(numbers(sinks)).toEqual([1, 2])
  })

  it('takes back a commit that the disk refused, and takes it again later', async () => {
    const root = folder()
    const sinks = new JsonlSinks(root)
    const sink = await sinks.open(ID, GROUP)
    await sink.commit(unit(10, score(1)))
    // A folder stands where the alarms' file has to be: the scores are written by then.
    const blocked = join(root, 'output', 'tidegauge.alarms')
    writeFileSync(blocked, 'in the way')
    await expect(sink.commit(unit(20, score(2), alarm(1)))).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      retryable: true,
    })
    expect(numbers(sinks)).toEqual([1])
    rmSync(blocked)
    await sink.commit(unit(20, score(2), alarm(1)))
    await sink.close()
    expect(numbers(sinks)).toEqual([1, 2])
    expect(read(sinks, 'tidegauge.alarms')).toBe('{"alarm":1}\n')
  })

  it('begins a long journal anew and loses nothing by it', async () => {
    const root = folder()
    const sinks = new JsonlSinks(root)
    const sink = await sinks.open(ID, GROUP)
    const long = { ...unit(0).offsets[0], ...SOURCE, metadata: 'x'.repeat(200_000) }
    for (let n = 1; n <= 12; n++) await sink.commit({ records: [score(n)], offsets: [{ ...long, offset: BigInt(n) }] })
    await sink.close()
    expect(readFileSync(join(root, 'journal', `${ID}.journal`)).length).toBeLessThan(1024 * 1024)
    const again = new JsonlSinks(root)
    await (await again.open(ID, GROUP)).close()
    expect(await offsetOf(again)).toBe(12n)
    expect(numbers(again)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  })

  it('goes on after a file that somebody made shorter', async () => {
    const root = folder()
    const sinks = new JsonlSinks(root)
    const sink = await sinks.open(ID, GROUP)
    await sink.commit(unit(10, score(1)))
    await sink.close()
    truncateSync(sinks.outputPath(SCORES, ID), 0)
    const again = await sinks.open(ID, GROUP)
    await again.commit(unit(20, score(2)))
    await again.close()
    expect(numbers(sinks)).toEqual([2])
  })

  it('refuses a commit after close', async () => {
    const sink = await new JsonlSinks(folder()).open(ID, GROUP)
    await sink.close()
    await sink.close()
    await expect(sink.commit(unit(1, score(1)))).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  describe('with a limit', () => {
    const LIMIT = 8 * 40
    const closed = (sinks: JsonlSinks) => closedSegments(sinks.outputPath(SCORES, ID))

    it('keeps the newest segments, each from a first line to an end', async () => {
      const sinks = new JsonlSinks(folder(), LIMIT)
      const sink = await sinks.open(ID, GROUP)
      for (let n = 0; n < 100; n++) await sink.commit(unit(n + 1, score(n)))
      await sink.close()
      const segments = await closed(sinks)
      expect(segments).toHaveLength(7)
      const lines = segments.flatMap(({ path }) => readFileSync(path, 'utf8').split('\n').slice(0, -1))
      const whole = [...lines.map((line) => (JSON.parse(line) as { n: number }).n), ...numbers(sinks)]
      expect(whole).toEqual(Array.from({ length: whole.length }, (_, i) => 100 - whole.length + i))
      expect(segments.map(({ first }) => first)).toEqual([whole[0], ...segments.slice(0, -1).map(({ end }) => end)])
      expect(segments.at(-1)?.end).toBe(numbers(sinks)[0])
    })

    it('loses and doubles nothing when it is killed at any write around a rotation', async () => {
      const root = folder()
      const sinks = new JsonlSinks(root, LIMIT)
      const sink = await sinks.open(ID, GROUP)
      for (let n = 0; n < 5; n++) await sink.commit(unit(n + 1, score(n)))
      expect(await closed(sinks)).toHaveLength(0)
      // The rename has happened, and the journal does not know yet; then lines were written and not committed.
      const path = sinks.outputPath(SCORES, ID)
      const size = readFileSync(path).length
      expect(size).toBeGreaterThanOrEqual(LIMIT / 8)
      renameSync(path, segmentPath(path, 0, 5))
      await sink.close()
      const recovered = new JsonlSinks(root, LIMIT)
      const again = await recovered.open(ID, GROUP)
      expect(numbers(recovered)).toEqual([])
      const copy = folder()
      await again.commit(unit(6, score(5)))
      cpSync(root, copy, { recursive: true })
      await again.close()
      appendFileSync(new JsonlSinks(copy).outputPath(SCORES, ID), '{"n":6}\n')
      const crashed = new JsonlSinks(copy, LIMIT)
      const third = await crashed.open(ID, GROUP)
      expect(numbers(crashed)).toEqual([5])
      await third.close()
    })

    it('is followed through its segments from any line, saying what was removed before', async () => {
      const sinks = new JsonlSinks(folder(), LIMIT)
      const sink = await sinks.open(ID, GROUP)
      const stop = new AbortController()
      const seen: number[] = []
      const following = (async () => {
        const options = { skip: 3n, signal: stop.signal, lost: () => {} }
        for await (const lines of followSegments(sinks.outputPath(SCORES, ID), options)) {
          seen.push(...lines.map((line) => (JSON.parse(Buffer.from(line).toString()) as { n: number }).n))
        }
      })()
      for (let n = 0; n < 20; n++) await sink.commit(unit(n + 1, score(n)))
      await vi.waitFor(() => expect(seen.at(-1)).toBe(19), 5_000)
      for (let n = 20; n < 60; n++) await sink.commit(unit(n + 1, score(n)))
      await vi.waitFor(() => expect(seen.at(-1)).toBe(59), 5_000)
      expect(seen).toEqual(Array.from({ length: 57 }, (_, i) => i + 3))
      stop.abort()
      await following
      let lost = 0
      const count = (lines: number) => {
        lost += lines
      }
      const late = { skip: 0n, signal: AbortSignal.timeout(300), lost: count }
      const { value: batch } = await followSegments(sinks.outputPath(SCORES, ID), late).next()
      expect(Buffer.from(batch?.[0] ?? new Uint8Array(0)).toString()).toBe(`{"n":${lost}}`)
      expect(lost).toBeGreaterThan(0)
      await sink.close()
    })
  })
})
