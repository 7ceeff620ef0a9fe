import { expect, it } from 'vitest'
import { progressLine } from '../../../../src/cli/demo/terminal-lines.ts'
import { STATUS } from '../../../support/http-ports.ts'

const HOUR = 3_600_000
const times = { historyFromMs: 0, liveFromMs: 48 * HOUR, intervalMs: 600_000 }

function status(name: string, watermarkMs: number) {
  return { ...STATUS, name, partitions: STATUS.partitions.map((partition) => ({ ...partition, watermarkMs })) }
}

it('says how much of the fleet’s past was learned, whatever the clock of the other pipeline is', () => {
  const pipelines = [status('fleet', 12 * HOUR), status('host', 1_000 * HOUR)]
  expect(progressLine(pipelines, 'fleet', times, 12 * HOUR)).toMatch(/^learning 25 % {2}event time 1970-01-01 12:00/)
  expect(progressLine([status('fleet', 49 * HOUR)], 'fleet', times, 49 * HOUR)).toMatch(/^live /)
  expect(progressLine([], 'fleet', times, 0)).toMatch(/^learning 0 %/)
})
