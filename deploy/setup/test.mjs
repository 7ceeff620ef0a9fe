// `npm test`: everything that the tests need, then the tests. Arguments go to vitest.
//   node deploy/setup/test.mjs [FILTER] [--project unit]
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closingLine, countTests } from './closing-line.mjs'
import { ensure, main } from './setup.mjs'
import { ROOT, runInForeground } from './shell.mjs'

const PARTS = ['kafka', 'prometheus', 'alertmanager', 'tfjs', 'chromium', 'kcat', 'shells']

async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-test-'))
  const report = join(folder, 'report.json')
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  try {
    const code = await runInForeground([vitest, 'run', '--config', 'tests/vitest.config.ts', ...reporters, ...args])
    if (!existsSync(report)) return code === 0 ? 1 : code
    const { text, good } = closingLine(countTests(JSON.parse(readFileSync(report, 'utf8'))))
    console.log(text)
    return code === 0 && !good ? 1 : code
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(async () => {
  process.chdir(ROOT)
  await ensure(PARTS)
  return runTests(process.argv.slice(2))
})
