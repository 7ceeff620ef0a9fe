import type { Command } from 'commander'
import { accuracyCommand } from './accuracy-command.ts'
import { forecastCommand } from './forecast-command.ts'
import { trainCommand } from './train-command.ts'

/** Registers train, forecast and accuracy. */
export function forecastCommands(program: Command): void {
  trainCommand(program)
  forecastCommand(program)
  accuracyCommand(program)
}
