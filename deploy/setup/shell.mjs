// What every set-up step needs: running a command, finding a program, folders, one voice.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const OUTPUT_CHARS = 8_000

/** What is wrong and what to do about it, for a person at a terminal. */
export class SetupError extends Error {
  name = 'SetupError'
}

/** Progress goes to stderr: stdout belongs to the command that was asked for. */
export function say(text) {
  process.stderr.write(`set-up: ${text}\n`)
}

/** Where downloads that outlive a clone are kept. */
export function cacheFolder(...names) {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), ...names)
}

/** The full path of a program on the PATH, or undefined. No process is started: this runs before every command. */
export function findProgram(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder || '.', name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return undefined
}

/**
 * Runs a command to its end and gives what it printed. Its output is kept back, and shown when it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeoutMs?: number }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, { cwd = ROOT, env = {}, timeoutMs = 900_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-OUTPUT_CHARS)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (cause) => reject(new SetupError(`${command} does not start: ${cause.message}`, { cause })))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new SetupError(`${[command, ...args].join(' ')} ended with ${signal ?? code}:\n${output.trim()}`))
    })
  })
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }

/** Runs a Node program to its end with our terminal, and gives the exit code that a shell would see. */
export function runInForeground(args) {
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  for (const signal of FORWARDED) {
    // A terminal sends Ctrl-C to the child as well; a second one would look like impatience.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)))
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 0)))
  })
}
