// Points per CPU second of the forest, score + update, 50 trees x 256 samples, time decay 1 / 2560, one thread; memory
// and snapshots. The same series, fills and rounds as the peers' harness.
//   bench forest [--json] [--series FILE.csv] [--quick] [--fleet N]
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { Rng } from '../../src/core/rng.ts'
import { RandomCutForest } from '../../src/forest/random-cut-forest.ts'

const BLOCKS = 7
const WARM_UP_BLOCKS = 3
const BLOCK_MS = 400

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

/** The second column of a CSV file with a header, or a sine of period 288 with noise. */
function readSeries(file: string | undefined): Float64Array {
  if (file !== undefined) {
    const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1)
    return Float64Array.from(lines, (line) => Number(line.split(',')[1]))
  }
  const rng = new Rng(5)
  return Float64Array.from({ length: 1 << 16 }, (_, i) => 10 * Math.sin((2 * Math.PI * i) / 288) + rng.normal())
}

/** One forest, all in cache. */
function hot(series: Float64Array, shingleSize: number, blocks: number): number {
  using forest = new RandomCutForest({ shingleSize, seed: 1, outputAfter: 0 })
  const rates: number[] = []
  let t = 0
  for (let block = -WARM_UP_BLOCKS; block < blocks; block++) {
    const start = cpuSeconds()
    const first = t
    let spent = 0
    do {
      for (let i = 0; i < 64; i++) forest.process(series[t++ % series.length]!)
      spent = cpuSeconds() - start
    } while (spent * 1e3 < BLOCK_MS)
    if (block >= 0) rates.push((t - first) / spent)
  }
  return Math.round(median(rates))
}

interface Fleet {
  readonly forests: number
  readonly fill: number
  readonly pointsPerVisit: number
  readonly rounds: number
}

/** Forests filled one after another, then visited in turn: their memory is cold at each visit. */
function fleet(series: Float64Array, { forests: count, fill, pointsPerVisit, rounds }: Fleet) {
  const value = (forest: number, t: number) => series[(t + forest * 37) % series.length]!
  const residentBefore = process.memoryUsage().rss
  const fillStart = cpuSeconds()
  const forests = Array.from({ length: count }, (_, k) => {
    const forest = new RandomCutForest({ shingleSize: 8, seed: k + 1, outputAfter: 0 })
    for (let t = 0; t < fill; t++) forest.update(value(k, t))
    return forest
  })
  const fillSeconds = cpuSeconds() - fillStart
  const residentBytes = process.memoryUsage().rss - residentBefore
  const rates: number[] = []
  const visit = new Float64Array(pointsPerVisit)
  for (let round = 0; round < rounds; round++) {
    const start = cpuSeconds()
    for (const [k, forest] of forests.entries()) {
      const from = fill + round * pointsPerVisit
      if (pointsPerVisit === 1) forest.process(value(k, from))
      else {
        for (let i = 0; i < pointsPerVisit; i++) visit[i] = value(k, from + i)
        forest.processBatch(visit)
      }
    }
    rates.push((count * pointsPerVisit) / (cpuSeconds() - start))
  }
  const bytesPerForest = forests[0]!.byteSize
  for (const forest of forests) forest.dispose()
  const pointsPerSecond = Math.round(median(rates.slice(Math.floor(rounds / 3))))
  return { pointsPerSecond, residentBytes, bytesPerForest, fillSeconds }
}

/** One forest of shingle 8 after 3,000 points, as the peer was measured. */
function snapshots(series: Float64Array) {
  using forest = new RandomCutForest({ shingleSize: 8, seed: 1 })
  for (let t = 0; t < 3_000; t++) forest.update(series[t % series.length]!)
  const out: number[] = []
  const back: number[] = []
  let bytes = forest.snapshot()
  for (let i = 0; i < 200; i++) {
    const start = performance.now()
    bytes = forest.snapshot()
    const between = performance.now()
    RandomCutForest.restore(bytes).dispose()
    back.push(performance.now() - between)
    out.push(between - start)
  }
  const ms = (values: readonly number[]) => Number(median(values.slice(50)).toFixed(3))
  return { bytes: bytes.length, outMs: ms(out), inMs: ms(back) }
}

/** Measures, saying each figure as it comes; gives them all. */
export async function bench(args: readonly string[]) {
  const { values: options } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      series: { type: 'string' },
      fleet: { type: 'string', default: '10000' },
    },
  })
  const say = (line: string) => process.stdout.write(`${line}\n`)
  const series = readSeries(options.series)
  const blocks = options.quick ? 5 : BLOCKS
  say(
    `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}, ${series.length} values, medians of ${blocks} blocks`,
  )
  const rates = [1, 8, 48].map((shingleSize) => {
    const rate = hot(series, shingleSize, blocks)
    say(`hot, shingle ${shingleSize}: ${rate} points per CPU second`)
    return rate
  })
  const alone = fleet(series, { forests: 200, fill: 3_000, pointsPerVisit: 1, rounds: options.quick ? 24 : 60 })
  say(`200 forests in turn, shingle 8: ${alone.pointsPerSecond} points per CPU second`)
  const batched = fleet(series, { forests: 200, fill: 3_000, pointsPerVisit: 16, rounds: options.quick ? 9 : 24 })
  say(`the same, 16 points a visit: ${batched.pointsPerSecond} points per CPU second`)
  const snapshot = snapshots(series)
  say(`snapshot: ${snapshot.bytes} bytes, ${snapshot.outMs} ms out, ${snapshot.inMs} ms in`)
  const count = Number(options.fleet)
  const large = count > 0 ? fleet(series, { forests: count, fill: 300, pointsPerVisit: 1, rounds: 9 }) : undefined
  if (large !== undefined) {
    say(
      `${count} forests of 300 points: ${(large.residentBytes / 1e9).toFixed(2)} GB, ${large.pointsPerSecond} points per CPU second`,
    )
  }
  const [shingle1, shingle8, shingle48] = rates
  return {
    hot: { shingle1, shingle8, shingle48 },
    fleet200: alone.pointsPerSecond,
    fleet200Batched: batched.pointsPerSecond,
    bytesPerForest: alone.bytesPerForest,
    fleet10000: large && {
      forests: count,
      pointsPerSecond: large.pointsPerSecond,
      residentBytes: large.residentBytes,
      residentBytesPerForest: Math.round(large.residentBytes / count),
      reservedBytes: large.bytesPerForest * count,
      fillCpuSeconds: Number(large.fillSeconds.toFixed(1)),
    },
    snapshot,
  }
}
