/** What `${...}` may read. Both give undefined for what does not exist. */
export interface ConfigEnvironment {
  variable(name: string): string | undefined
  /** The text of a file, for secrets that are mounted as files. */
  file(path: string): string | undefined
}

export type Interpolated =
  | { readonly ok: true; readonly value: string | number | boolean }
  | { readonly ok: false; readonly messages: readonly string[] }

// $${ is an escaped ${; otherwise ${NAME}, ${NAME:-default}, ${file:/path}; what opens and is none of these is refused.
const REFERENCE = /\$\$\{|\$\{(?:file:([^}]*)|([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?)\}|\$\{/g

/**
 * Replaces the references in one string value: `${NAME}`, `${NAME:-default}` (also when NAME is empty) and
 * `${file:/path}` (without its last line break); `$${` stands for `${` itself. Text put in is never read as YAML, with
 * one exception: an unquoted value that is one reference and gives a number, true or false becomes that.
 */
export function interpolate(text: string, plain: boolean, environment: ConfigEnvironment): Interpolated {
  if (!text.includes('${')) return { ok: true, value: text }
  const messages: string[] = []
  const value = text.replace(REFERENCE, (reference, path?: string, name?: string, fallback?: string) => {
    if (reference === '$${') return '${'
    if (path !== undefined) return readFileReference(path, environment, messages)
    if (name !== undefined) return readVariable(name, fallback, environment, messages)
    messages.push(
      `"\${" opens a reference that is none (write \${NAME}, \${NAME:-default} or \${file:/path}; $\${ for the text)`,
    )
    return ''
  })
  if (messages.length > 0) return { ok: false, messages }
  const isWhole = plain && /^\$\{[^}]*\}$/.test(text) && !text.startsWith('${file:')
  return { ok: true, value: isWhole ? asScalar(value) : value }
}

function readVariable(
  name: string,
  fallback: string | undefined,
  environment: ConfigEnvironment,
  messages: string[],
): string {
  const value = environment.variable(name)
  if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
  if (value === undefined) {
    messages.push(`the environment variable ${name} is not set (set it, or give a default: \${${name}:-...})`)
  }
  return value ?? ''
}

function readFileReference(path: string, environment: ConfigEnvironment, messages: string[]): string {
  if (!path.startsWith('/')) {
    messages.push(`\${file:${path}} is not an absolute path (start it with /)`)
    return ''
  }
  const text = environment.file(path)
  if (text === undefined) messages.push(`the file ${path} cannot be read (mount it, or correct the path)`)
  return (text ?? '').replace(/\r?\n$/, '')
}

function asScalar(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text) ? Number(text) : text
}
