import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pictures } from './pictures.ts'
import { referenceText } from './reference.ts'

/** Every generated file below deploy/docs, with its text: the same for the same code. */
export async function documents(): Promise<ReadonlyMap<string, string>> {
  const drawn = pictures().map(({ file, svg }) => [join('pictures', file), svg] as const)
  return new Map([['reference.md', await referenceText()], ...drawn])
}

// Run as a program (npm run docs): writes them.
if (process.argv[1] === import.meta.filename) {
  for (const [file, text] of await documents()) writeFileSync(join(import.meta.dirname, file), text)
}
