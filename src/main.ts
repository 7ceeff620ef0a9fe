import { CommanderError } from 'commander'
import { buildProgram } from './cli/program.ts'
import { asTidegaugeError, ERROR_CODES } from './core/errors.ts'

/**
 * Process entry: parses the arguments, runs the command, and turns what it throws into an exit code. What is expected
 * to go wrong is told in one line on stderr; only what is not known (INTERNAL) also shows its stack.
 */
async function main(): Promise<void> {
  // Who reads our output may have seen enough, as in `tidegauge --help | head`: that is an end, not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  const program = await buildProgram(process.argv.slice(2))
  try {
    await program.parseAsync(process.argv)
  } catch (thrown) {
    process.exitCode = report(thrown)
  }
}

function report(thrown: unknown): number {
  // commander has said what is wrong with the arguments; --help ends this way too, with 0.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : ERROR_CODES.CONFIG_INVALID.exitCode
  const error = asTidegaugeError(thrown)
  // What runs a command with --json reads its errors too: one line each, on stderr as the others.
  if (process.argv.includes('--json')) {
    const { code, message, where, hint, exitCode } = error
    process.stderr.write(`${JSON.stringify({ error: { code, message, where, hint, exitCode } })}\n`)
    return exitCode
  }
  process.stderr.write(`${error.describe()}\n`)
  if (error.code === 'INTERNAL' && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`)
  return error.exitCode
}

await main()
