/** Names that pino adds to every line; they stand elsewhere, or nowhere, in a line for people. */
const FRAME = new Set(['level', 'time', 'msg'])
const COLOURS: Readonly<Record<string, string>> = { debug: '\u001b[2m', warn: '\u001b[33m', error: '\u001b[31m' }
const RESET = '\u001b[0m'
const DIM = '\u001b[2m'

function field(name: string, value: unknown): string {
  if (name === 'error' && typeof value === 'object' && value !== null) return `${name}=${errorText(value)}`
  if (typeof value === 'string') return `${name}=${/^[^\s="]+$/.test(value) ? value : JSON.stringify(value)}`
  return `${name}=${JSON.stringify(value)}`
}

function errorText(error: object): string {
  const { code, message, where, hint, name } = error as Readonly<Record<string, unknown>>
  const text = [where, message].filter((part) => part !== undefined).join(': ')
  return `${code ?? name ?? 'Error'} ${JSON.stringify(hint === undefined ? text : `${text} (${hint})`)}`
}

/** One of pino's JSON lines as one line for people: time, level, message, fields; a stack follows on lines of its own. */
export function humanLine(json: string, colour: boolean): string {
  const line = JSON.parse(json) as Readonly<Record<string, unknown>>
  const level = String(line['level'])
  const time = new Date(Number(line['time'])).toISOString().slice(11, 23)
  const fields = Object.entries(line).filter(([name]) => !FRAME.has(name))
  const text = fields.map(([name, value]) => field(name, value)).join(' ')
  const error = line['error'] as Readonly<Record<string, unknown>> | undefined
  const stack = typeof error?.['stack'] === 'string' ? `\n${error['stack']}` : ''
  const [on, dim, off] = colour ? [COLOURS[level] ?? '', DIM, RESET] : ['', '', '']
  const head = `${dim}${time}${off} ${on}${level.toUpperCase().padEnd(5)}${off} ${String(line['msg'])}`
  return `${head}${text === '' ? '' : ` ${dim}${text}${off}`}${stack}\n`
}
