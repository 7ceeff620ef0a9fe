import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseCsvSeries, readCsvSeries } from '../../../../src/adapters/csv/read-series.ts'
import { TidegaugeError } from '../../../../src/core/errors.ts'

function parse(text: string, valueName?: string) {
  return parseCsvSeries('x.csv', text, valueName)
}

/** Where and what of the error that the text gives. */
function refusal(text: string, valueName?: string): string {
  try {
    parse(text, valueName)
  } catch (thrown) {
    if (thrown instanceof TidegaugeError) return thrown.describe()
    throw thrown
  }
  return 'accepted'
}

test('columns by name, in any place, with a byte order mark and Windows line ends', () => {
  const series = parse('\uFEFFhost,Value,timestamp\r\na,1.5,2014-04-01 00:00:00\r\nb,-2e3,2014-04-01 00:05:00\r\n')
  expect([...series.values]).toEqual([1.5, -2000])
  expect(series.timestamps[1]! - series.timestamps[0]!).toBe(300_000)
  expect(series.texts).toEqual(['2014-04-01 00:00:00', '2014-04-01 00:05:00'])
})

test('with two columns the value may have any name; else it is named', () => {
  expect([...parse('time,cpu\n2014-04-01,3\n').values]).toEqual([3])
  expect([...parse('time,cpu,mem\n2014-04-01,3,4\n', 'mem').values]).toEqual([4])
  expect(refusal('time,cpu,mem\n2014-04-01,3,4\n')).toMatch(/^x.csv:1: no column value/)
})

test('an empty cell and NaN are periods without data', () => {
  expect([...parse('timestamp,value\n2014-04-01,\n2014-04-02,NaN\n2014-04-03,null\n').values]).toEqual([
    Number.NaN,
    Number.NaN,
    Number.NaN,
  ])
})

test('quoted cells', () => {
  expect([...parse('"timestamp","value"\n"2014-04-01","7"\n').values]).toEqual([7])
})

test.each([
  ['', /^x.csv:1: the file is empty/],
  ['2014-04-01 00:00:00,5\n2014-04-01 00:05:00,6\n', /^x.csv:1: no header/],
  ['a,b\n1,2\n', /^x.csv:1: no timestamp column/],
  ['timestamp,value\n2014-04-01,5\n2014-04-32,5\n', /^x.csv:3: timestamp "2014-04-32" is not understood/],
  ['timestamp,value\n2014-04-01,Infinity\n', /^x.csv:2: value "Infinity" is not a finite number/],
  ['timestamp,value\n2014-04-01,five\n', /^x.csv:2: value "five"/],
  ['timestamp,value\n2014-04-01\n', /^x.csv:2: 1 cells/],
  [`timestamp,${'c,'.repeat(1_000_000)}value\n`, /^x.csv:1: a header of 2000015 characters/],
  [`timestamp,${'c,'.repeat(20_000)}value\n`, /^x.csv:1: 20002 columns/],
])('names the place: %#', (text, message) => {
  expect(refusal(text)).toMatch(message)
})

test('reads from disk; a path that is none is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'csv-'))
  const path = join(folder, 'a.csv')
  await writeFile(path, 'timestamp,value\n2014-04-01,5\n')
  expect([...(await readCsvSeries(path)).values]).toEqual([5])
  await expect(readCsvSeries(join(folder, 'none.csv'))).rejects.toThrow(/cannot be read/)
  await rm(folder, { recursive: true })
})
