// Runs a TypeScript entry of this clone after its set-up.
//   node deploy/setup/launch.mjs [--with kafka,tfjs] ENTRY.ts [ARGUMENTS]
import { ensure, main, parseParts } from './setup.mjs'
import { runInForeground, SetupError } from './shell.mjs'

await main(async () => {
  const args = process.argv.slice(2)
  const parts = args[0] === '--with' ? parseParts(args.splice(0, 2)[1] ?? '') : []
  if (args.length === 0) throw new SetupError('usage: node deploy/setup/launch.mjs [--with PARTS] ENTRY.ts [ARGUMENTS]')
  await ensure(parts)
  return runInForeground(['--import', 'tsx', ...args])
})
