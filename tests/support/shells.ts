import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Shell } from '../../src/cli/completion/shell-scripts.ts'

/** Why a shell cannot be asked; undefined when it can. */
export function missingShell(shell: Shell): string | undefined {
  if (spawnSync(shell, ['--version']).status === 0) return undefined
  return `${shell} is not installed: npm run setup -- --with shells`
}

/**
 * What a real shell offers at the end of each line, after it was taught by a script; `folder` is where it stands.
 * Shells of other people's settings are none: no file of the user is read.
 */
export function offeredBy(shell: Shell, script: string, folder: string, lines: readonly string[]): string[][] {
  writeFileSync(join(folder, `.completion.${shell}`), script)
  const offered = { bash: offeredByBash, zsh: offeredByZsh, fish: offeredByFish }[shell]
  return offered(folder, lines)
}

function run(command: string, args: readonly string[], folder: string): string {
  const env = { ...process.env, HOME: folder, ZDOTDIR: folder, XDG_CONFIG_HOME: folder, TERM: 'dumb', LC_ALL: 'C' }
  const done = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8', timeout: 60_000 })
  if (done.status !== 0 || done.stderr !== '') throw new Error(`${command}: ${done.status}\n${done.stderr}`)
  return done.stdout
}

const words = (text: string) => text.split('\n').filter((word) => word !== '')

/** bash hands the words to the function, and takes what it leaves in COMPREPLY. */
function offeredByBash(folder: string, lines: readonly string[]): string[][] {
  return lines.map((line) => {
    const typed = line.split(' ')
    const set = `COMP_WORDS=(${typed.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${typed.length - 1}`
    const script = `source ./.completion.bash; ${set}; _tidegauge; printf '%s\\n' "\${COMPREPLY[@]}"`
    return words(run('bash', ['--norc', '-euo', 'pipefail', '-c', script], folder))
  })
}

/** fish answers a question about a line. */
function offeredByFish(folder: string, lines: readonly string[]): string[][] {
  return lines.map((line) => {
    const asked = run('fish', ['--no-config', '-c', `source ./.completion.fish; complete -C '${line}'`], folder)
    return words(asked).map((found) => found.split('\t')[0] ?? '')
  })
}

/** zsh completes in its line editor only: an interactive one is typed into, and tells what it adds to its matches. */
function offeredByZsh(folder: string, lines: readonly string[]): string[][] {
  writeFileSync(join(folder, '.told.zsh'), ZSH_TELLS)
  const asked = lines.map((line) => `ask '${line}'`).join('\n')
  const shown = run('zsh', ['-f', '-c', `${ZSH_TYPIST}\n${asked}\nzpty -d shell`], folder)
  const answers = stripVTControlCharacters(shown).replaceAll('\r', '').split('<asked>\n').slice(1)
  return answers.map((answer) => [...new Set(words(answer.split('<answered>')[0] ?? ''))])
}

/** In the shell that is asked. */
const ZSH_TELLS = `
PS1= PROMPT_SP= PROMPT_CR=
autoload -Uz compinit
compinit -u -D
source ./.completion.zsh
compadd() {
  # Calls that only sort matches into arrays add none.
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  typeset -a told
  builtin compadd -A told "$@"
  print -rl -- $told
  builtin compadd "$@"
}
compprefuncs=(said-asked)
comppostfuncs=(said-answered)
said-asked() { print; print '<asked>'; compprefuncs=(said-asked) }
said-answered() { print '<answered>'; comppostfuncs=(said-answered) }
`

/** In the shell that asks. */
const ZSH_TYPIST = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source ./.told.zsh; print 'rea''dy'"
zpty -r shell out '*ready*'
ask() {
  zpty -w -n shell "$1"$'\\t'
  zpty -r shell out '*<answered>*'
  print -r -- "$out"
  zpty -w -n shell $'\\x15'
}`
