import { Command } from 'commander'
import { backtestCommand } from './backtest/backtest-command.ts'
import { checkCommand } from './check/check-command.ts'
import { demoCommand } from './demo/demo-command.ts'
import { forecastCommands } from './forecast/forecast-commands.ts'
import { runCommand } from './run/run-command.ts'

/** The command line: one registration a command. */
export function buildProgram(): Command {
  const program = new Command('tidegauge')
    .description('Streaming anomaly detection, forecasting and alarms for metrics in Kafka.')
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
  runCommand(program)
  demoCommand(program)
  checkCommand(program)
  backtestCommand(program)
  forecastCommands(program)
  return program
}
