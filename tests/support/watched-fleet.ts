import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningProcess, startProcess } from '../../src/app/process.ts'
import { Fleet, fleetRecord } from '../../src/cli/demo/fleet.ts'
import { loadPipelines } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { RecordingLogger } from './recording-logger.ts'

const PERIOD_MS = 600_000
const HISTORY_PERIODS = 400
const NO_ENVIRONMENT = { variable: () => undefined, file: () => undefined }

const PIPELINE = `
name: shop
source: { kafka: { topics: [shop], from: earliest } }
decode: { format: json, timestampUnit: ms }
period: { length: 10m, statistic: Average }
alarms:
  - { name: anomalous, on: grade, threshold: 0 }
`

/**
 * A real process without a broker that watches a small fleet, in event time that the test moves on. Everything is made
 * of the fleet's formulas, so that each run sees the same values.
 */
export class WatchedFleet {
  readonly #folder: string
  #process: RunningProcess
  #nowMs: number
  readonly fleet: Fleet

  private constructor(folder: string, running: RunningProcess, fleet: Fleet, nowMs: number) {
    this.#folder = folder
    this.#process = running
    this.fleet = fleet
    this.#nowMs = nowMs
  }

  static async start(): Promise<WatchedFleet> {
    const folder = await mkdtemp(join(tmpdir(), 'tidegauge-watched-'))
    await writeFile(join(folder, 'shop.yaml'), PIPELINE)
    const fleet = new Fleet({ size: 40, intervalMs: PERIOD_MS })
    const nowMs = Math.floor(Date.now() / PERIOD_MS - HISTORY_PERIODS - 400) * PERIOD_MS
    const watched = new WatchedFleet(folder, await startIn(folder, '0'), fleet, nowMs)
    await watched.pass(HISTORY_PERIODS)
    return watched
  }

  /** What the process is made of, to look at or to fill its boards. */
  get app(): RunningProcess['app'] {
    return this.#process.app
  }

  get url(): string {
    return this.#process.url
  }

  /** Event time. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Lets periods pass; `change` makes of each value what is to be sent. Their results are on the board afterwards. */
  async pass(periods: number, change: (value: number, key: string) => number = (value) => value): Promise<void> {
    const toMs = this.#nowMs + periods * PERIOD_MS
    const records = [...this.fleet.samples(this.#nowMs, toMs)].map((sample) =>
      fleetRecord({ ...sample, value: change(sample.value, sample.series.key) }),
    )
    this.#nowMs = toMs
    await this.push(records)
  }

  async push(records: readonly string[]): Promise<void> {
    const encoder = new TextEncoder()
    const outcome = await this.#process.push(
      'shop',
      records.map((record) => encoder.encode(record)),
    )
    if (outcome.kind !== 'taken' || outcome.rejections.length > 0) throw new Error(JSON.stringify(outcome))
  }

  /** Stops the process; gives a function that starts it again, at the same address and with its state. */
  async stop(): Promise<() => Promise<void>> {
    const { port } = new URL(this.url)
    await this.#process.stop()
    return async () => {
      this.#process = await startIn(this.#folder, port)
    }
  }

  async remove(): Promise<void> {
    await this.#process.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

async function startIn(folder: string, httpPort: string): Promise<RunningProcess> {
  const pipelines = loadPipelines([join(folder, 'shop.yaml')], NO_ENVIRONMENT)
  if (!pipelines.ok) throw pipelines.error
  const settings = loadSettings({ stateDir: join(folder, 'state'), httpPort }, NO_ENVIRONMENT)
  if (!settings.ok) throw settings.error
  const running = await startProcess({
    settings: settings.value,
    pipelines: pipelines.value,
    embedded: { kind: 'push', path: '', follow: false, description: 'the test' },
    logger: new RecordingLogger(),
  })
  await running.started
  return running
}
