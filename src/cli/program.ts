import { Command } from 'commander'

type Registration = (program: Command) => void

/** Where each command is. A command's code is loaded when it is asked for: `check` need not wait for Kafka's client. */
const COMMANDS: Readonly<Record<string, () => Promise<Registration>>> = {
  run: async () => (await import('./run/run-command.ts')).runCommand,
  demo: async () => (await import('./demo/demo-command.ts')).demoCommand,
  schema: async () => (await import('./schema/schema-command.ts')).schemaCommand,
  check: async () => (await import('./check/check-command.ts')).checkCommand,
  backtest: async () => (await import('./backtest/backtest-command.ts')).backtestCommand,
  models: async () => (await import('./models/models-command.ts')).modelsCommand,
  train: async () => (await import('./forecast/forecast-commands.ts')).forecastCommands,
  forecast: async () => (await import('./forecast/forecast-commands.ts')).forecastCommands,
  accuracy: async () => (await import('./forecast/forecast-commands.ts')).forecastCommands,
}

/** The command line, with the command that `args` name; with all of them when they name none. */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('tidegauge')
    .description('Streaming anomaly detection, forecasting and alarms for metrics in Kafka.')
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
  const named = COMMANDS[args[0] ?? '']
  const wanted = named === undefined ? Object.values(COMMANDS) : [named]
  const registrations = await Promise.all(wanted.map((load) => load()))
  for (const register of new Set(registrations)) register(program)
  return program
}
