import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadTensorflow } from '../../../../src/adapters/tensorflow/backend.ts'

it('loads TensorFlow and computes with it', () => {
  const loaded = loadTensorflow()
  if (!loaded.ok) throw loaded.error
  expect(loaded.value.matMul([[2]], [[3]]).dataSync()[0]).toBe(6)
})

it('says what is missing, and does not throw, where the library is not in place', () => {
  const root = join(import.meta.dirname, '..', '..', '..', '..')
  const script = `
    import { registerHooks, createRequire } from 'node:module'
    import Module from 'node:module'
    const load = Module._load
    Module._load = (name, ...rest) => { if (name === '@tensorflow/tfjs-node') throw new Error('libtensorflow.so: not there'); return load(name, ...rest) }
    const { loadTensorflow } = await import('./src/adapters/tensorflow/backend.ts')
    const { error } = loadTensorflow()
    console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }))`
  const output = execFileSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script.replace('registerHooks, ', '')],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  const error = JSON.parse(output) as { code: string; message: string; hint: string }
  expect(error.code).toBe('BACKEND_MISSING')
  expect(error.message).toMatch(/libtensorflow.so: not there/)
  expect(error.hint).toMatch(/npm run setup/)
})
