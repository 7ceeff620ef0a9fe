// Known holes in the packages that are shipped: fails on one of high or critical severity. A registry that does not
// answer is no reason to fail, but is said.
//   node deploy/setup/audit.mjs
import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'

const SERIOUS = ['high', 'critical']
const TIMEOUT_MS = 60_000

/**
 * What to say of the answer of `npm audit --json`, and whether it is a failure.
 *
 * @param {string} answer
 * @returns {{ readonly failed: boolean, readonly lines: readonly string[] }}
 */
export function judge(answer) {
  const report = parsed(answer)
  const counts = report?.metadata?.vulnerabilities
  if (counts === undefined) {
    const why = report?.message ?? report?.error?.summary ?? 'no answer'
    return {
      failed: false,
      lines: [`not checked: the audit service cannot be reached (${String(why).split('\n')[0]})`],
    }
  }
  const serious = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) => SERIOUS.includes(severity))
  if (serious.length === 0) {
    return { failed: false, lines: [`no known hole of high or critical severity (${counts.total} of a lesser one)`] }
  }
  return { failed: true, lines: serious.map(describe) }
}

function describe({ name, severity, range, via, fixAvailable }) {
  const titles = via.filter((cause) => typeof cause === 'object').map(({ title, url }) => `${title} ${url}`)
  const causes = titles.length > 0 ? titles.join('; ') : `through ${via.join(', ')}`
  return `${name} ${range}: ${severity}: ${causes}${fixAvailable === false ? ' (no fix yet)' : ' (npm audit fix)'}`
}

function parsed(answer) {
  try {
    return JSON.parse(answer)
  } catch {
    return undefined
  }
}

/** npm's own exit code mixes holes that were found with a service that is away: only its answer tells. */
function askNpm() {
  const args = ['audit', '--omit=dev', '--json']
  return new Promise((resolve) => {
    execFile('npm', args, { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 }, (_, stdout) => resolve(stdout))
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { failed, lines } = judge(await askNpm())
  for (const line of lines) process.stdout.write(`${line}\n`)
  process.exitCode = failed ? 1 : 0
}
