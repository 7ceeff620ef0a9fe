// Programs from Debian's packages, when they are missing and we may install them.
import { existsSync } from 'node:fs'
import { findProgram, run, SetupError, say } from './shell.mjs'

/** The package that has each program. `default-jre-headless` is Java 17 on Debian 12 and 21 on Debian 13. */
const PACKAGE_OF = {
  java: 'default-jre-headless',
  mvn: 'maven',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'g++': 'g++',
  python3: 'python3',
  pip3: 'python3-pip',
  chromium: 'chromium',
  kcat: 'kafkacat',
  zsh: 'zsh',
  fish: 'fish',
}

const APT_OPTIONS = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3']

// The packages of servers start them on installation. This program answers Debian's question "may it start?" with
// "no" (101) while we install; a machine that has its own answer keeps it.
const INSTALL = `
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy
  trap 'rm -f '$policy EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get ${APT_OPTIONS.join(' ')} update || echo 'the list of packages is old' >&2
apt-get ${APT_OPTIONS.join(' ')} install -y --no-install-recommends "$@"
`

/** The prefix that makes a command run as root, or undefined when we may not. */
async function asRoot() {
  if (process.getuid?.() === 0) return []
  if (findProgram('sudo') === undefined) return undefined
  return run('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n'],
    () => undefined,
  )
}

/**
 * Makes the named programs available.
 *
 * @param {readonly string[]} programs keys of PACKAGE_OF
 * @param {string} purpose what they are for, said when they cannot be had
 * @throws {SetupError} that names the packages to install
 */
export async function ensurePrograms(programs, purpose) {
  const missing = programs.filter((program) => findProgram(program) === undefined)
  if (missing.length === 0) return
  const packages = missing.map((program) => PACKAGE_OF[program])
  const advice = `${purpose} needs ${missing.join(', ')}. Install it (Debian, Ubuntu: apt-get install -y ${packages.join(' ')})`
  if (!existsSync('/usr/bin/apt-get')) throw new SetupError(`${advice}, then run this again.`)
  const root = await asRoot()
  if (root === undefined) {
    throw new SetupError(`${advice}, then run this again. Neither root nor sudo without a password is at hand.`)
  }
  say(`apt-get install ${packages.join(' ')} (${purpose})`)
  const [command, ...args] = [...root, 'sh', '-ec', INSTALL, 'install', ...packages]
  await run(command, args).catch((cause) => {
    throw new SetupError(`${advice}: apt-get did not.\n${cause.message}`, { cause })
  })
  const still = missing.filter((program) => findProgram(program) === undefined)
  if (still.length > 0) throw new SetupError(`${advice}: apt-get ended well, but ${still.join(', ')} is not there.`)
}
