import { type JsonSchema, pipelineJsonSchema } from './json-schema.ts'

interface Field {
  readonly path: string
  readonly type: string
  readonly fallback: string
  readonly description: string
}

interface Section {
  readonly path: string
  readonly description: string
  readonly fields: readonly Field[]
}

/** Every field of a pipeline file as Markdown: one table for each section, in the order of the schema. */
export function fieldReference(): string {
  const root = pipelineJsonSchema()
  return [sectionText(rootSection(root)), ...sectionsOf(root, '').map(sectionText)].join('\n')
}

function rootSection(root: JsonSchema): Section {
  return { path: '', description: '', fields: fieldsOf(root, new Set(Object.keys(root.properties ?? {}))) }
}

/** Sections below a node: mappings, and lists of mappings (`alarms[]`), each with its own fields. */
function sectionsOf(node: JsonSchema, prefix: string): Section[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const variants = nested(child)
    if (variants === undefined) return []
    const path = `${prefix}${key}${child.type === 'array' ? '[]' : ''}`
    const [first] = variants
    const inner = first === undefined ? [] : sectionsOf(first.node, `${path}.`)
    const shared = sharedKeys(variants)
    const description = child.description ?? ''
    const own = variants.length === 1 ? [] : variants.map((variant) => choiceSection(path, variant, shared))
    const common: Section = { path, description, fields: first === undefined ? [] : fieldsOf(first.node, shared) }
    return [common, ...own, ...inner].filter((section) => section.fields.length > 0)
  })
}

function choiceSection(path: string, { node, name, description }: Variant, shared: ReadonlySet<string>): Section {
  const keys = new Set(Object.keys(node.properties ?? {}).filter((key) => !shared.has(key)))
  return { path: `\`${path}\` with ${name}`, description: description ?? '', fields: fieldsOf(node, keys) }
}

/** Keys that stand in every variant with the same schema. */
function sharedKeys(variants: readonly Variant[]): ReadonlySet<string> {
  const texts = variants.map(({ node }) =>
    Object.entries(node.properties ?? {}).map(([key, field]) => [key, JSON.stringify(field)] as const),
  )
  const [first = [], ...others] = texts
  const inAll = first.filter(([key, text]) => others.every((other) => other.some(([k, t]) => k === key && t === text)))
  return new Set(inAll.map(([key]) => key))
}

function fieldsOf(node: JsonSchema, keys: ReadonlySet<string>): Field[] {
  return Object.entries(node.properties ?? {})
    .filter(([key, field]) => keys.has(key) && nested(field) === undefined)
    .map(([key, field]) => fieldOf(key, field, node))
}

interface Variant {
  readonly node: JsonSchema
  readonly name?: string
  readonly description?: string | undefined
}

/** The mappings that a node holds: itself, its items, or one for each choice; undefined for a plain field. */
function nested(node: JsonSchema): readonly Variant[] | undefined {
  const inner = node.type === 'array' ? node.items : node
  if (inner?.oneOf !== undefined) return inner.oneOf.map(choice)
  return inner?.properties === undefined ? undefined : [{ node: inner }]
}

/** A choice is told from the others by its one constant field. */
function choice(node: JsonSchema): Variant {
  const [key, tag] = Object.entries(node.properties ?? {}).find(([, field]) => field.const !== undefined) ?? []
  return { node, name: `\`${key}: ${tag?.const}\``, description: tag?.description }
}

function fieldOf(path: string, node: JsonSchema, parent: JsonSchema): Field {
  const required = parent.required?.includes(path) === true
  const fallback = node.default === undefined ? (required ? '**required**' : '') : code(JSON.stringify(node.default))
  return { path, type: typeOf(node), fallback, description: node.description ?? '' }
}

function typeOf(node: JsonSchema): string {
  if (node.const !== undefined) return code(String(node.const))
  if (node.enum !== undefined) return node.enum.map((value) => code(String(value))).join(', ')
  if (node.type === 'array') return `list of ${node.items === undefined ? 'anything' : typeOf(node.items)}`
  if (node.type === 'object') return 'mapping of text'
  if (node.type === 'integer' || node.type === 'number') return numberType(node)
  if (node.type === 'boolean') return '`true`, `false`'
  return node['x-unit'] === 'duration' ? 'duration' : 'text'
}

function numberType(node: JsonSchema): string {
  const name = node.type === 'integer' ? 'whole number' : 'number'
  const { minimum, exclusiveMinimum, maximum } = node
  const lower =
    minimum !== undefined ? `from ${minimum}` : exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : ''
  const upper = maximum === undefined ? '' : `to ${maximum}`
  return [name, lower, upper].filter((part) => part !== '').join(' ')
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}

function sectionText({ path, description, fields }: Section): string {
  const rows = fields.map(
    (field) => `| \`${field.path}\` | ${field.type} | ${field.fallback} | ${cell(field.description)} |`,
  )
  const heading = path === '' ? [] : [`### ${path.includes('`') ? path : `\`${path}\``}`, '', cell(description), '']
  return [...heading, '| field | type | default | |', '|---|---|---|---|', ...rows, ''].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
