import { Argument, type Command } from 'commander'
import { FEEDBACK_LABELS, type FeedbackLabel } from '../../band/scored-point.ts'
import { processEnvironment } from '../../config/load.ts'
import { loadSettings } from '../../config/settings.ts'
import { type ErrorCode, TidegaugeError } from '../../core/errors.ts'

interface FeedbackFlags {
  readonly pipeline: string
  readonly series: string
  readonly from: string
  readonly to: string
  readonly url?: string
  readonly json?: true
}

interface Refusal {
  readonly error?: { readonly message?: string; readonly field?: string; readonly hint?: string }
}

/**
 * `tidegauge feedback LABEL`: tells a running process what a range of a series was, as the page's buttons do. It goes
 * to the process and not to the topics, because the one that owns the series applies it between two commits.
 */
export function feedbackCommand(program: Command): void {
  program
    .command('feedback')
    .description('tell a running process what a range of a series was')
    .addArgument(new Argument('<label>', 'what it was').choices([...FEEDBACK_LABELS]))
    .requiredOption('--pipeline <name>', 'whose series')
    .requiredOption('--series <key>', "the series' key, or its id")
    .requiredOption('--from <instant>', 'inclusive: ISO 8601, or milliseconds since the epoch')
    .requiredOption('--to <instant>', 'exclusive')
    .option('--url <url>', 'where the process is; its token is read from TIDEGAUGE_API_TOKEN', 'http://127.0.0.1:9469')
    .option('--json', 'print the outcome as JSON')
    .action(feedback)
}

async function feedback(label: FeedbackLabel, { json, url = '', ...flags }: FeedbackFlags): Promise<void> {
  const { id } = await post(url, { ...flags, label })
  process.stdout.write(json === true ? `${JSON.stringify({ id, label })}\n` : `applied: ${label} for ${id}\n`)
}

async function post(base: string, body: object): Promise<{ readonly id: string }> {
  const settings = loadSettings({}, processEnvironment())
  if (!settings.ok) throw settings.error
  const mayTell = settings.value.http.tokens.find(({ scopes }) =>
    scopes.some((one) => one === 'admin' || one === 'feedback'),
  )
  const token = mayTell?.token
  const response = await fetch(feedbackUrl(base), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw new TidegaugeError('DELIVERY_FAILED', 'no process answers', {
      where: base,
      hint: 'is it running there? --url says where it is',
      cause,
    })
  })
  const answer: unknown = await response.json().catch(() => ({}))
  if (!response.ok) throw refusal(response.status, answer as Refusal)
  return answer as { readonly id: string }
}

function feedbackUrl(base: string): URL {
  if (!URL.canParse(base)) {
    throw new TidegaugeError('CONFIG_INVALID', `${JSON.stringify(base)} is no URL`, { where: '--url' })
  }
  return new URL('api/v1/feedback', base.endsWith('/') ? base : `${base}/`)
}

function refusal(status: number, { error }: Refusal): TidegaugeError {
  const code: ErrorCode =
    status === 401 || status === 403 ? 'CONFIG_INVALID' : status >= 500 ? 'DELIVERY_FAILED' : 'INPUT_INVALID'
  return new TidegaugeError(code, error?.message ?? `the process answered ${status}`, {
    where: error?.field === undefined ? 'feedback' : `--${error.field}`,
    ...(error?.hint === undefined ? {} : { hint: error.hint }),
  })
}
