import { describe, expect, it } from 'vitest'
import { parsePipeline } from '../../../src/config/load.ts'
import { toPipelineOptions } from '../../../src/config/pipeline-options.ts'
import type { PipelineConfig } from '../../../src/config/schema/pipeline.ts'
import { DECODE_DEFAULTS } from '../../../src/decode/options.ts'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'
import { WINDOW_DEFAULTS } from '../../../src/window/options.ts'

function config(text = ''): PipelineConfig {
  const yaml = `name: t\nsource: { kafka: { topics: [metrics] } }\n${text}`
  const result = parsePipeline(yaml, 'f', { variable: () => undefined, file: () => undefined })
  if (!result.ok) throw result.error
  return result.value
}

describe('the options of a partition task', () => {
  it('are the stages own defaults where the file says nothing', () => {
    const options = toPipelineOptions(config())
    expect(options.decode).toEqual(DECODE_DEFAULTS)
    expect(options.window).toMatchObject(WINDOW_DEFAULTS)
    expect(options.detector).toEqual(DETECTOR_DEFAULTS)
    expect(options.join).toBeUndefined()
  })

  it('follow the file', () => {
    const options = toPipelineOptions(
      config(
        `period: { length: 5m, statistic: p99, lateness: 1m, missing: zero, counters: raw }
series: { expireAfter: 2d, dropLabels: [pod], limit: 5, onLimit: refuse }
detector: { trees: 20, direction: above, ignore: { above: { relative: 0.1 } } }
band: { deviations: 3, dataRange: { max: 9 }, timezone: Asia/Tokyo }
join: { name: j, by: [host], metrics: [a, b] }
alarms: [{ name: x, on: threshold, threshold: 5, input: b, match: { host: w }, evaluationPeriods: 3 }]
`,
      ),
    )
    expect(options.window).toMatchObject({
      periodMs: 300_000,
      statistic: 'p99',
      latenessMs: 60_000,
      missing: 'zero',
      counter: 'raw',
      expireAfterMs: 172_800_000,
    })
    expect(options.series).toEqual({ limit: 5, onLimit: 'refuse' })
    expect(options.select.dropLabels).toEqual(['pod'])
    expect(options.detector).toMatchObject({
      trees: 20,
      direction: 'above',
      ignore: { above: { absolute: 0, relative: 0.1 }, below: { absolute: 0, relative: 0 } },
      band: { deviations: 3, dataRange: { min: undefined, max: 9 }, timezone: 'Asia/Tokyo' },
    })
    expect(options.alarms[0]).toMatchObject({
      name: 'x',
      datapointsToAlarm: 3,
      input: 'b',
      match: { host: 'w' },
      periodMs: 300_000,
    })
  })

  it('have no detector when it is off', () => {
    expect(toPipelineOptions(config('detector: { kind: off }\n')).detector).toBeUndefined()
  })

  it('can be handed to a worker thread', () => {
    const options = toPipelineOptions(config('alarms: [{ name: x, on: grade }]\n'))
    expect(structuredClone(options)).toEqual(options)
  })

  it('bring composites and mutes along', () => {
    const { composites, mutes } = toPipelineOptions(
      config(
        `alarms: [{ name: a, on: grade }, { name: b, on: grade }]
composites: [{ name: c, rule: ALARM(a), suppressor: { alarm: b, wait: 2m, extension: 3m } }, { name: d, rule: OK(a) }]
mutes: [{ name: m, schedule: cron(0 2 * * SUN), duration: 2h, alarms: [c] }]
`,
      ),
    )
    expect(composites.map(({ suppressor }) => suppressor)).toEqual([
      { alarm: 'b', waitMs: 120_000, extensionMs: 180_000 },
      undefined,
    ])
    expect(mutes).toMatchObject([{ name: 'm', duration: 7_200_000, timezone: 'UTC' }])
  })
})
