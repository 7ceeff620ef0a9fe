import type { Command } from 'commander'
import { settingFlags } from '../config/settings.ts'

/** Adds the flags that say where the brokers are and who is asking, for a command that is no long-running process. */
export function addBrokerOptions(command: Command): void {
  for (const { flag, description } of settingFlags()) {
    if (/^--(brokers|client-id|kafka-)/.test(flag)) command.option(flag, description)
  }
}
