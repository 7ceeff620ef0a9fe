import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { forecastCommands } from '../../../../src/cli/forecast/forecast-commands.ts'
import { dailySeries } from '../../../support/metric-series.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidegauge-forecast-'))
const at = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true }))

const START = '2024-01-01 00:00:00'
const data = dailySeries(3, 160, 6)
const lines = (cut: number) =>
  data.map(({ itemId, target }) =>
    JSON.stringify({ item_id: itemId, start: START, target: [...target.slice(0, 160 - cut)] }),
  )
writeFileSync(at('train.jsonl'), lines(24).join('\n'))
writeFileSync(at('test.jsonl'), lines(0).join('\n'))

let printed = ''
async function run(...args: string[]): Promise<string> {
  printed = ''
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} })
  forecastCommands(program)
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} })
  await program.parseAsync(['node', 'tidegauge', ...args])
  return printed
}

const SMALL = [
  '--horizon',
  '12',
  '--freq',
  'h',
  '--context',
  '12',
  '--steps',
  '20',
  '--batch-size',
  '4',
  '--samples',
  '20',
]

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
})

describe('tidegauge forecast', () => {
  it('trains on one file and forecasts consecutive windows of another', async () => {
    const out = at('f.jsonl')
    await run(
      'forecast',
      '--train',
      at('train.jsonl'),
      '--test',
      at('test.jsonl'),
      ...SMALL,
      '--windows',
      '2',
      '--out',
      out,
      '--seed',
      '4',
    )
    const found = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(found.map(({ item_id, start_index }) => [item_id, start_index])).toEqual(
      data.flatMap(({ itemId }) => [
        [itemId, 136],
        [itemId, 148],
      ]),
    )
    expect(found[0].start).toBe('2024-01-06 16:00:00')
    expect(Object.keys(found[0].quantiles)).toEqual(['0.1', '0.2', '0.3', '0.4', '0.5', '0.6', '0.7', '0.8', '0.9'])
    expect(found[0].quantiles['0.5']).toHaveLength(12)
    expect(found[0].mean).toHaveLength(12)
  })

  it('wants data to learn from and data to forecast', async () => {
    await expect(run('forecast', '--test', at('test.jsonl'), ...SMALL)).rejects.toThrow(/neither was given/)
    await expect(run('forecast', '--train', at('train.jsonl'), ...SMALL)).rejects.toThrow(/neither was given/)
    await expect(
      run('forecast', '--train', at('train.jsonl'), '--test', at('none.jsonl'), ...SMALL),
    ).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      where: at('none.jsonl'),
    })
    await expect(run('forecast', '--freq', 'h', '--horizon', '0')).rejects.toThrow(/whole number from 1/)
  })
})

describe('tidegauge train', () => {
  const model = at('a.model')

  it('writes a model that forecasts the future and answers SageMaker requests', async () => {
    const report = JSON.parse(await run('train', '--data', at('train.jsonl'), '--out', model, ...SMALL, '--json'))
    expect(report.config).toMatchObject({ frequency: 'h', context: 12 })
    expect(report.record.series).toBe(3)
    const future = await run('forecast', '--model', model, '--test', at('train.jsonl'), '--future', ...SMALL)
    expect(JSON.parse(future.split('\n')[0]!).start_index).toBe(136)
    const request = {
      instances: [{ start: START, target: [1, 2, null, 4] }],
      configuration: { num_samples: 3, output_types: ['samples'] },
    }
    writeFileSync(at('request.json'), JSON.stringify(request))
    const answer = JSON.parse(
      await run('forecast', '--model', model, '--sagemaker-request', at('request.json'), ...SMALL),
    )
    expect(answer.predictions[0].samples).toHaveLength(3)
    expect(answer.predictions[0].samples[0]).toHaveLength(12)
  })

  it('leaves the model that is there when the new one cannot be written', async () => {
    const before = readFileSync(model)
    const nowhere = join(folder, 'no', 'such', 'folder', 'b.model')
    await expect(run('train', '--data', at('train.jsonl'), '--out', nowhere, ...SMALL)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      where: nowhere,
    })
    expect(readFileSync(model)).toEqual(before)
  })

  it('refuses a damaged model, and one of another frequency', async () => {
    writeFileSync(at('damaged.model'), readFileSync(model).subarray(0, 500))
    const use = (path: string, ...rest: string[]) =>
      run('forecast', '--model', path, '--test', at('test.jsonl'), ...rest)
    await expect(use(at('damaged.model'), ...SMALL)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      where: at('damaged.model'),
    })
    await expect(use(model, '--horizon', '12', '--freq', '5min')).rejects.toThrow(/frequency h, not 5min/)
  })

  it('learns from a CSV file, and says when its times contradict --freq', async () => {
    const [one] = data
    const rows = [...one!.target].map((value, i) => `${new Date(one!.startMs + i * 3_600_000).toISOString()},${value}`)
    writeFileSync(at('one.csv'), ['timestamp,value', ...rows].join('\n'))
    await run('train', '--data', at('one.csv'), '--out', at('csv.model'), ...SMALL)
    expect(printed).toMatch(/trained on 1 series/)
    await expect(
      run('train', '--data', at('one.csv'), '--out', at('csv.model'), '--horizon', '12', '--freq', '5min'),
    ).rejects.toThrow(/3600 s apart, not 300 s/)
  })
})

it('tidegauge accuracy puts DeepAR beside seasonal naive', async () => {
  const scores = JSON.parse(await run('accuracy', '--data', at('test.jsonl'), '--windows', '2', ...SMALL, '--json'))
  expect(Object.keys(scores)).toEqual(['deepar', 'seasonal naive'])
  expect(scores.deepar.windows).toBe(6)
  expect(scores['seasonal naive'].mase).toBeGreaterThan(0)
})
