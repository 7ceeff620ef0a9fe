// The native half of @tensorflow/tfjs-node: the package's own install script would download both parts from its
// vendor's storage, which is not always there. Here libtensorflow comes from TensorFlow's wheel, pinned by digest in
// libtensorflow.txt, and the addon is compiled from the sources that the npm package brings. Linux on x64 only;
// elsewhere the vendor's script is run.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ensurePrograms } from './debian.mjs'
import { cacheFolder, ROOT, run, SetupError, say } from './shell.mjs'

const PIN = join(ROOT, 'deploy', 'setup', 'libtensorflow.txt')
const UNPACK = join(ROOT, 'deploy', 'setup', 'unpack-libtensorflow.py')
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']
const VERSION = /==(\S+)/.exec(readFileSync(PIN, 'utf8'))?.[1] ?? 'unknown'
const PACKAGE = join(ROOT, 'node_modules', '@tensorflow', 'tfjs-node')
const ADDON = join(PACKAGE, 'lib', 'napi-v8', 'tfjs_binding.node')
const LINKS = join(PACKAGE, 'deps', 'lib')

/** Multiplies once in a fresh process. isNullOrUndefined left Node with version 23; the package still calls it. */
const PROBE = `
require('util').isNullOrUndefined = (x) => x == null
const tf = require('@tensorflow/tfjs-node')
if (tf.matMul([[2]], [[3]]).dataSync()[0] !== 6) process.exit(1)`

/** All files are there; whether they load is asked once, after they were made. */
function isInPlace() {
  return existsSync(ADDON) && (process.platform !== 'linux' || LIBRARIES.every((name) => existsSync(join(LINKS, name))))
}

/** The libraries and C headers out of the wheel, into a folder that all clones of this machine share. */
async function fetchLibrary() {
  const folder = cacheFolder('tidegauge', `libtensorflow-${VERSION}`)
  if (existsSync(folder)) return folder
  say(`pip: libtensorflow ${VERSION} (207 MB) into ${folder}`)
  const download = mkdtempSync(join(tmpdir(), 'libtensorflow-'))
  const staged = `${folder}.${process.pid}`
  try {
    const wheelOnly = ['--no-deps', '--require-hashes', '--only-binary=:all:']
    const platform = ['--platform', 'manylinux_2_17_x86_64', '--platform', 'manylinux2014_x86_64']
    const python = ['--implementation', 'cp', '--python-version', '311', '--abi', 'cp311']
    await run('python3', [
      '-m',
      'pip',
      'download',
      '-q',
      ...wheelOnly,
      ...python,
      ...platform,
      '-d',
      download,
      '-r',
      PIN,
    ])
    const wheel = readdirSync(download).find((name) => name.endsWith('.whl'))
    await run('python3', [UNPACK, join(download, wheel), staged])
    if (!existsSync(folder)) renameSync(staged, folder)
  } finally {
    rmSync(download, { recursive: true, force: true })
    rmSync(staged, { recursive: true, force: true })
  }
  return folder
}

async function build(library) {
  say('g++: the TensorFlow addon for Node')
  rmSync(join(PACKAGE, 'deps'), { recursive: true, force: true })
  mkdirSync(LINKS, { recursive: true })
  mkdirSync(dirname(ADDON), { recursive: true })
  for (const name of LIBRARIES) symlinkSync(join(library, 'lib', name), join(LINKS, name))
  const headers = createRequire(join(ROOT, 'package.json'))('node-api-headers').include_dir
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(PACKAGE, 'binding', name))
  const shared = ['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8']
  const libraries = [`-L${LINKS}`, ...LIBRARIES.map((name) => `-l:${name}`), '-Wl,-rpath,$ORIGIN/../../deps/lib']
  const include = [`-I${headers}`, `-I${join(library, 'include')}`]
  await run('g++', [...shared, ...include, ...sources, '-o', ADDON, ...libraries])
}

/** Puts the native half in place. Needs node_modules. */
export async function ensureTensorflow() {
  if (isInPlace()) return
  if (process.platform === 'linux' && process.arch === 'x64') {
    await ensurePrograms(['g++', 'python3', 'pip3'], 'the forecaster (TensorFlow)')
    await build(await fetchLibrary())
  } else {
    await run('npm', ['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false'])
  }
  await run(process.execPath, ['-e', PROBE]).catch((cause) => {
    rmSync(ADDON, { force: true })
    throw new SetupError(`TensorFlow is in place but does not load.\n${cause.message}`, { cause })
  })
}
