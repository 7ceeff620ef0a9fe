// Compiles the forest's kernel (src/forest/kernel, AssemblyScript) and embeds the module in
// src/forest/kernel.generated.ts, so that the forest needs no file at run time.
//   npm run kernel            writes the file
//   npm run kernel -- --check exits with 1 when the file is not what the source compiles to
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import asc from 'assemblyscript/asc'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TARGET = fileURLToPath(new URL('../../src/forest/kernel.generated.ts', import.meta.url))
const FLAGS = '--runtime stub --enable simd,bulk-memory,sign-extension --noAssert -O3 --maximumMemory 65536'

/** The text of the generated file. */
export async function compileKernel() {
  let module
  const { error, stderr } = await asc.main(
    ['src/forest/kernel/index.ts', '--baseDir', ROOT, '--outFile', 'kernel.wasm', ...FLAGS.split(' ')],
    {
      writeFile: (name, contents) => {
        if (name === 'kernel.wasm') module = contents
      },
    },
  )
  if (error || module === undefined) throw new Error(`the kernel does not compile:\n${stderr}`)
  const text = Buffer.from(module).toString('base64')
  return `// Generated from src/forest/kernel by \`npm run kernel\`. Do not edit.\nexport const KERNEL_BASE64 =\n  '${text}'\n`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = await compileKernel()
  if (process.argv.includes('--check')) {
    const same = text === (await readFile(TARGET, 'utf8'))
    if (!same) process.stderr.write('src/forest/kernel.generated.ts is out of date: run `npm run kernel`\n')
    process.exitCode = same ? 0 : 1
  } else {
    await writeFile(TARGET, text)
    process.stdout.write(`src/forest/kernel.generated.ts: ${text.length} characters\n`)
  }
}
