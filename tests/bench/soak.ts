import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startProcess } from '../../src/app/process.ts'
import { Fleet, fleetRecord } from '../../src/cli/demo/fleet.ts'
import { startProgress } from '../../src/cli/progress.ts'
import { parsePipeline } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import { type Memory, memoryLine, memoryNow } from './memory.support.ts'

const NOTHING = { variable: () => undefined, file: () => undefined }
const FROM_MS = Date.parse('2026-03-02T00:00:00Z')
const HOUR_MS = 3_600_000

export interface SoakFigures {
  readonly series: number
  readonly hours: number
  readonly records: number
  readonly seconds: number
  /** By the hour of event time. */
  readonly memory: Readonly<Record<string, Memory>>
  /** At the end, relative to what it was after the first hour. */
  readonly growth: Memory
  /** The same from the middle on: by then series of a minute have learned what their forests have room for. */
  readonly growthSinceMiddle: Memory
}

/**
 * A day of a fleet in one run through everything but the broker: decode, window, detector, alarms, commits to files,
 * checkpoints, the boards behind /metrics and the API.
 *
 *   --series N (2000)   --hours N (24)   --interval N   seconds between two samples of a series (60)
 *   --trees N, --sample-size N   the detector's (its defaults)
 */
export async function bench(args: readonly string[]): Promise<SoakFigures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: 'string', default: '2000' },
      hours: { type: 'string', default: '24' },
      interval: { type: 'string', default: '60' },
      trees: { type: 'string', default: '50' },
      'sample-size': { type: 'string', default: '256' },
      json: { type: 'boolean' },
    },
  })
  const [series, hours, intervalMs] = [Number(values.series), Number(values.hours), Number(values.interval) * 1_000]
  const stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-soak-'))
  const running = await start(stateDir, intervalMs, values.trees, values['sample-size'])
  const fleet = new Fleet({ size: series, intervalMs })
  const memory: Record<string, Memory> = {}
  const started = performance.now()
  const progress = startProgress(hours, 'hours')
  let records = 0
  try {
    for (let hour = 0; hour < hours; hour++) {
      const fromMs = FROM_MS + hour * HOUR_MS
      for (let at = fromMs; at < fromMs + HOUR_MS; at += intervalMs) {
        const batch = [...fleet.samples(at, at + intervalMs)].map((sample) => Buffer.from(fleetRecord(sample)))
        const { kind } = await running.push('soak', batch)
        if (kind !== 'taken') throw new Error(`records were not taken: ${kind}`)
        records += batch.length
      }
      await (await fetch(`${running.url}/metrics`)).text()
      memory[hour + 1] = memoryNow()
      progress.write(`${memoryLine(memory[hour + 1])} after hour ${hour + 1}, ${records} records\n`, process.stdout)
      progress.advance('')
    }
  } finally {
    progress.stop()
    await running.stop()
    await rm(stateDir, { recursive: true, force: true })
  }
  const [first, middle, last] = [memory[1], memory[Math.ceil(hours / 2)], memory[hours]]
  if (first === undefined || middle === undefined || last === undefined)
    throw new RangeError(`no whole hour: --hours ${hours}`)
  const seconds = Math.round((performance.now() - started) / 1_000)
  const growths = { growth: grown(first, last), growthSinceMiddle: grown(middle, last) }
  return { series, hours, records, seconds, memory, ...growths }
}

function grown(from: Memory, to: Memory): Memory {
  const of = (what: keyof Memory) => Math.round((1_000 * (to[what] - from[what])) / from[what]) / 1_000
  return { heap: of('heap'), buffers: of('buffers'), rss: of('rss') }
}

async function start(stateDir: string, intervalMs: number, trees: string, sampleSize: string) {
  const text = `
name: soak
source: { kafka: { topics: [unused] } }
decode: { format: json, timestampUnit: ms }
period: { length: ${intervalMs / 1_000}s }
detector: { trees: ${trees}, sampleSize: ${sampleSize} }
alarms:
  - { name: anomalous, on: grade, threshold: 0 }
  - { name: outside, on: band, evaluationPeriods: 3, datapointsToAlarm: 2 }
checkpoint: { interval: 1m }
`
  const pipeline = parsePipeline(text, 'soak.yaml', NOTHING)
  const settings = loadSettings({ httpPort: '0', stateDir }, NOTHING)
  if (!pipeline.ok) throw pipeline.error
  if (!settings.ok) throw settings.error
  const running = await startProcess({
    settings: settings.value,
    pipelines: [pipeline.value],
    embedded: { kind: 'push', path: '', follow: false, description: 'the soak' },
    logger: silentLogger,
  })
  await running.started
  return running
}
