import si from 'systeminformation'
import { describe, expect, it } from 'vitest'
import { HostMetrics, type HostSource, hostRecord } from '../../../../src/adapters/host/host-metrics.ts'
import { createDecoder } from '../../../../src/decode/create-decoder.ts'

const NOW = 1_700_000_000_000

const source = (parts: Partial<HostSource>): HostSource => ({
  currentLoad: si.currentLoad,
  mem: si.mem,
  fsSize: si.fsSize,
  networkStats: si.networkStats,
  fsStats: si.fsStats,
  ...parts,
})

describe('HostMetrics', () => {
  it('reads this machine: every reading is a sample that the decoder takes', async () => {
    const { readings } = await new HostMetrics({ host: 'here' }).read(NOW)
    const names = new Set(readings.map(({ name }) => name))
    for (const name of ['host_cpu_usage_percent', 'host_load1', 'host_memory_available_bytes']) {
      expect(names).toContain(name)
    }
    const decoder = createDecoder()
    for (const reading of readings) {
      const value = new TextEncoder().encode(hostRecord(reading))
      const { samples, rejections } = decoder.decode({ value, recordTimestampMs: NOW })
      expect(rejections).toEqual([])
      expect(samples[0]).toMatchObject({ timestampMs: NOW, value: reading.value, kind: reading.kind })
      expect(samples[0]?.series.labels['host']).toBe('here')
    }
    const used = readings.find(({ name }) => name === 'host_memory_used_percent')
    expect(used?.value).toBeGreaterThan(0)
    expect(used?.value).toBeLessThanOrEqual(100)
  })

  it('gives the other parts when one of them cannot be read', async () => {
    const broken = source({
      mem: () => Promise.reject(new Error('/proc/meminfo: permission denied')),
      fsStats: () => Promise.resolve(null as never),
      networkStats: () => Promise.resolve([{ iface: 'eth0', rx_bytes: null, tx_bytes: Number.NaN } as never]),
    })
    const { readings, failed } = await new HostMetrics({ source: broken }).read(NOW)
    expect([...failed]).toEqual([['memory', '/proc/meminfo: permission denied']])
    expect(readings.some(({ name }) => name === 'host_cpu_usage_percent')).toBe(true)
    expect(readings.some(({ name }) => name.startsWith('host_network') || name.startsWith('host_disk'))).toBe(false)
  })

  it('has counters that only go up', async () => {
    const metrics = new HostMetrics({ host: 'here' })
    const total = async (at: number) =>
      new Map(
        (await metrics.read(at)).readings
          .filter(({ kind }) => kind === 'cumulative')
          .map(({ name, labels, value }) => [`${name} ${labels['device'] ?? ''}`, value]),
      )
    const first = await total(NOW)
    const second = await total(NOW + 1_000)
    for (const [name, value] of second) expect(value, name).toBeGreaterThanOrEqual(first.get(name) ?? 0)
  })
})
