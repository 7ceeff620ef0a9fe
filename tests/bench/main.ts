import { existsSync } from 'node:fs'

/**
 * `npm run bench -- NAME [--json] ...`: runs tests/bench/NAME.ts. Each exports `bench(args)`, prints for people what it
 * measures, and returns its figures; with --json they are the last line.
 */
const [name = '', ...args] = process.argv.slice(2)
const file = new URL(`./${name}.ts`, import.meta.url)
if (!/^[a-z-]+$/.test(name) || !existsSync(file)) {
  process.stderr.write(`bench: there is no benchmark ${JSON.stringify(name)} in tests/bench\n`)
  process.exit(2)
}
const { bench } = (await import(file.href)) as { readonly bench: (args: readonly string[]) => Promise<unknown> }
const figures = await bench(args)
if (args.includes('--json')) process.stdout.write(`${JSON.stringify(figures)}\n`)
process.exit(0)
