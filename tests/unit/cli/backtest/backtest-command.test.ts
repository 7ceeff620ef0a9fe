import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backtestCommand } from '../../../../src/cli/backtest/backtest-command.ts'
import { Rng } from '../../../../src/core/rng.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backtest-'))
  const rng = new Rng(1)
  const rows = Array.from({ length: 900 }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 1) + i * 300_000).toISOString().slice(0, 19).replace('T', ' ')
    return `${time},${100 + rng.normal() + (i === 700 ? 60 : 0)}`
  })
  await mkdir(join(folder, 'data', 'web'), { recursive: true })
  await writeFile(join(folder, 'data', 'web', 'cpu.csv'), `timestamp,value\n${rows.join('\n')}\n`)
  const labels = { 'web/cpu.csv': [['2024-01-03 10:15:00.000000', '2024-01-03 10:25:00.000000']] }
  await writeFile(join(folder, 'labels.json'), JSON.stringify(labels))
})

afterAll(() => rm(folder, { recursive: true }))

async function run(...args: string[]): Promise<void> {
  const program = new Command().exitOverride()
  backtestCommand(program)
  await program.parseAsync(['node', 'tidegauge', 'backtest', ...args])
}

test('writes scores in the same tree, a report and a summary; the same seed gives the same bytes', async () => {
  const [data, labels] = [join(folder, 'data'), join(folder, 'labels.json')]
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  await run(data, '--out', one, '--labels', labels)
  await run(data, '--out', two, '--no-report')
  const lines = (await readFile(join(one, 'web', 'cpu.csv'), 'utf8')).trimEnd().split('\n')
  expect(lines[0]).toBe('timestamp,value,anomaly_score,anomaly_grade,yhat,yhat_lower,yhat_upper,reason')
  expect(lines).toHaveLength(901)
  const spike = (lines[701] ?? '').split(',')
  expect(spike[0]).toBe('2024-01-03 10:20:00')
  expect(Number(spike[3])).toBeGreaterThan(0)
  expect(Number(spike[5])).toBeLessThan(Number(spike[6]))
  expect(await readFile(join(two, 'web', 'cpu.csv'), 'utf8')).toBe(`${lines.join('\n')}\n`)
  const summary = JSON.parse(await readFile(join(one, 'summary.json'), 'utf8'))
  expect(summary).toMatchObject({ rows: 900, events: { windowsHit: 1, windows: 1 } })
  expect(summary.nab.standard.score).toBeGreaterThan(0)
  const page = await readFile(join(one, 'web', 'cpu.csv.html'), 'utf8')
  expect(page).toContain('class="anomaly"')
  expect(page).not.toMatch(/(src|href)="https?:/)
  expect(await readdir(join(two, 'web'))).toEqual(['cpu.csv'])
})

test('what cannot be done is said before anything is written', async () => {
  const out = join(folder, 'none')
  await expect(run(join(folder, 'absent'), '--out', out)).rejects.toThrow(/no such file/)
  await expect(run(join(folder, 'data'), '--out', join(folder, 'data'))).rejects.toThrow(/over the input/)
  await expect(run(join(folder, 'data'), '--out', out, '--period', 'soon')).rejects.toThrow(/is no period/)
  await writeFile(join(folder, 'bad.json'), '{"web/cpu.csv": [["yesterday", "today"]]}')
  await expect(run(join(folder, 'data'), '--out', out, '--labels', join(folder, 'bad.json'))).rejects.toThrow(/window/)
  await expect(readdir(out)).rejects.toThrow()
})
