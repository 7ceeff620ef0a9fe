import { Command } from 'commander'
import { checkCommand } from './check/check-command.ts'

/** The command line: one registration a command. */
export function buildProgram(): Command {
  const program = new Command('tidegauge')
    .description('Streaming anomaly detection, forecasting and alarms for metrics in Kafka.')
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
  checkCommand(program)
  return program
}
