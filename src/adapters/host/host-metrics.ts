import { hostname } from 'node:os'
import si, { type Systeminformation } from 'systeminformation'
import type { MetricKind } from '../../core/sample.ts'
import type { Labels } from '../../core/series.ts'

/** One measured value of this machine. */
export interface HostReading {
  readonly name: string
  readonly labels: Labels
  readonly kind: MetricKind
  readonly timestampMs: number
  readonly value: number
}

/** Parts of a machine that are read one by one: a container may lack any of them. */
export const HOST_PARTS = ['cpu', 'memory', 'filesystem', 'network', 'disk'] as const
export type HostPart = (typeof HOST_PARTS)[number]

export interface HostSnapshot {
  readonly readings: readonly HostReading[]
  /** Parts that could not be read this time, and why. */
  readonly failed: ReadonlyMap<HostPart, string>
}

/** What is read of the machine: `systeminformation`, or another in its place. */
export type HostSource = Pick<typeof si, 'currentLoad' | 'mem' | 'fsSize' | 'networkStats' | 'fsStats'>

/** Name, value, kind and more labels of a reading, before host and time are put to it. */
type Finding = readonly [name: string, value: number | null, kind: MetricKind, labels?: Labels]

/**
 * This machine's CPU, memory, load, filesystems, network and disk, in Prometheus' names and units. What the machine
 * does not have, or does not show to a container, is left out; a part that fails never takes the others with it.
 */
export class HostMetrics {
  readonly #source: HostSource
  readonly #host: string

  constructor(options: { readonly host?: string; readonly source?: HostSource } = {}) {
    this.#source = options.source ?? si
    this.#host = options.host ?? hostname()
  }

  /** Reads everything once. `nowMs` becomes the time of all readings, so that they fall into one period. */
  async read(nowMs: number): Promise<HostSnapshot> {
    const readings: HostReading[] = []
    const failed = new Map<HostPart, string>()
    const read = async (part: HostPart): Promise<void> => {
      try {
        for (const finding of await this.#findings(part)) {
          const reading = this.#reading(finding, nowMs)
          if (reading !== undefined) readings.push(reading)
        }
      } catch (error) {
        failed.set(part, error instanceof Error ? error.message : String(error))
      }
    }
    // One after another: each may start a process, and a demo should not be the load that it measures.
    for (const part of HOST_PARTS) await read(part)
    return { readings, failed }
  }

  #findings(part: HostPart): Promise<readonly Finding[]> {
    switch (part) {
      case 'cpu':
        return this.#source.currentLoad().then(cpuFindings)
      case 'memory':
        return this.#source.mem().then(memoryFindings)
      case 'filesystem':
        return this.#source.fsSize().then((sizes) => sizes.flatMap(filesystemFindings))
      case 'network':
        return this.#source.networkStats('*').then((stats) => stats.flatMap(networkFindings))
      case 'disk':
        return this.#source.fsStats().then(diskFindings)
    }
  }

  #reading([name, value, kind, labels]: Finding, timestampMs: number): HostReading | undefined {
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
    return { name, labels: { host: this.#host, ...labels }, kind, timestampMs, value }
  }
}

/** A reading as a record's value, in Tidegauge's JSON. */
export function hostRecord({ name, labels, kind, timestampMs, value }: HostReading): string {
  return JSON.stringify({ name, labels, kind, timestamp: timestampMs, value })
}

function cpuFindings(load: Systeminformation.CurrentLoadData): Finding[] {
  const cores = load.cpus.map(
    (cpu, i): Finding => ['host_cpu_core_usage_percent', cpu.load, 'gauge', { cpu: String(i) }],
  )
  return [
    ['host_cpu_usage_percent', load.currentLoad, 'gauge'],
    ['host_cpu_system_percent', load.currentLoadSystem, 'gauge'],
    ['host_load1', load.avgLoad, 'gauge'],
    ...cores,
  ]
}

function memoryFindings(memory: Systeminformation.MemData): Finding[] {
  const findings: Finding[] = [
    ['host_memory_available_bytes', memory.available, 'gauge'],
    ['host_memory_used_percent', (100 * (memory.total - memory.available)) / memory.total, 'gauge'],
  ]
  if (memory.swaptotal > 0) {
    findings.push(['host_swap_used_percent', (100 * memory.swapused) / memory.swaptotal, 'gauge'])
  }
  return findings
}

function filesystemFindings({ mount, use }: Systeminformation.FsSizeData): Finding[] {
  return [['host_filesystem_used_percent', use, 'gauge', { mount }]]
}

function networkFindings(stats: Systeminformation.NetworkStatsData): Finding[] {
  const labels = { device: stats.iface }
  return [
    ['host_network_receive_bytes_total', stats.rx_bytes, 'cumulative', labels],
    ['host_network_transmit_bytes_total', stats.tx_bytes, 'cumulative', labels],
  ]
}

/** Null where the system shows no block devices, whatever the types say. */
function diskFindings(stats: Systeminformation.FsStatsData | null): Finding[] {
  if (stats === null) return []
  return [
    ['host_disk_read_bytes_total', stats.rx, 'cumulative'],
    ['host_disk_written_bytes_total', stats.wx, 'cumulative'],
  ]
}
