import { Command } from 'commander'
import { VERSION } from '../app/version.ts'
import { examplesText } from './examples.ts'
import { exitCodesText } from './exit-codes.ts'

type Registration = (program: Command) => void

/** Where each command is. A command's code is loaded when it is asked for: `check` need not wait for Kafka's client. */
const COMMANDS: Readonly<Record<string, () => Promise<Registration>>> = {
  run: async () => (await import('./run/run-command.ts')).runCommand,
  demo: async () => (await import('./demo/demo-command.ts')).demoCommand,
  check: async () => (await import('./check/check-command.ts')).checkCommand,
  topics: async () => (await import('./topics/topics-command.ts')).topicsCommand,
  backtest: async () => (await import('./backtest/backtest-command.ts')).backtestCommand,
  feedback: async () => (await import('./feedback/feedback-command.ts')).feedbackCommand,
  models: async () => (await import('./models/models-command.ts')).modelsCommand,
  train: async () => (await import('./forecast/forecast-commands.ts')).forecastCommands,
  forecast: async () => (await import('./forecast/forecast-commands.ts')).forecastCommands,
  accuracy: async () => (await import('./forecast/forecast-commands.ts')).forecastCommands,
  schema: async () => (await import('./schema/schema-command.ts')).schemaCommand,
  completion: async () => {
    const { completionCommand } = await import('./completion/completion-command.ts')
    return (program) => completionCommand(program, () => buildProgram([]))
  },
}

/** The command line, with the command that `args` name; with all of them when they name none. */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('tidegauge')
    .description('Streaming anomaly detection, forecasting and alarms for metrics in Kafka.')
    .version(VERSION, '--version', 'print the version')
    // Before commands are made, which inherit it: what is wrong with the arguments of any of them is thrown.
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
  const named = COMMANDS[args[0] ?? '']
  const wanted = named === undefined ? Object.values(COMMANDS) : [named]
  const registrations = await Promise.all(wanted.map((load) => load()))
  for (const register of new Set(registrations)) register(program)
  for (const command of [program, ...program.commands]) {
    const parts = [examplesText(command.name()), exitCodesText()].filter((part) => part !== '')
    command.addHelpText('after', `\n${parts.join('\n\n')}`)
  }
  return program
}
