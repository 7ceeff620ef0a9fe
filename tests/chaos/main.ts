// npm run chaos -- --kills 100 [--lost-disks 30] [--processes 3] [--seed 7] [--broker-restarts 2] [--broker-pauses 2]
import { parseArgs } from 'node:util'
import { chaos, isClean } from './chaos.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    'lost-disks': { type: 'string', default: '0' },
    processes: { type: 'string', default: '3' },
    series: { type: 'string', default: '240' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'broker-restarts': { type: 'string', default: '0' },
    'broker-pauses': { type: 'string', default: '0' },
    pace: { type: 'string', default: '400' },
    gap: { type: 'string', default: '5000' },
  },
})

const summary = await chaos({
  kills: Number(values.kills),
  lostDisks: Number(values['lost-disks']),
  processes: Number(values.processes),
  series: Number(values.series),
  seed: Number(values.seed),
  brokerRestarts: Number(values['broker-restarts']),
  brokerPauses: Number(values['broker-pauses']),
  paceMs: Number(values.pace),
  gapMs: Number(values.gap),
  print: (line) => process.stdout.write(`${line}\n`),
})
process.stdout.write(`${JSON.stringify(summary)}\n`)
process.exitCode = isClean(summary) ? 0 : 1
