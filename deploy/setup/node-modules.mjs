// node_modules as package-lock.json says.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, run, SetupError, say } from './shell.mjs'

/**
 * Whether every package of the lockfile is installed in its version. npm writes what it installed into
 * node_modules/.package-lock.json; packages for another platform are in the lockfile only, marked optional.
 */
export function isInstalled(root = ROOT) {
  const installedFile = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedFile)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true
    const found = installed[path]
    return found === undefined ? entry.optional === true : found.version === entry.version
  })
}

/** Installs the packages when one is missing or of another version. */
export async function ensureNodeModules() {
  if (isInstalled()) return
  say('npm ci (the packages of package-lock.json)')
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  if (!isInstalled()) throw new SetupError('npm ci ended well, but node_modules is not what package-lock.json says')
}
