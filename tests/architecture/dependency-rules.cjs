// The direction of dependencies: core <- stages <- pipeline <- runtime <- adapters <- app <- cli.
// A stage takes values only from core, and types only from stages to its left.
const STAGES = ['decode', 'window', 'forest', 'forecast', 'band', 'alarm']
const PURE = ['core', ...STAGES, 'pipeline'].join('|')

const only = (pkg, folder) => ({
  name: `${pkg.replace(/[@/]/g, '')}-only-in-${folder.replaceAll('/', '-')}`,
  comment: `Only src/${folder} knows ${pkg}; take what you need through a port of src/runtime.`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${folder}/` },
  to: { path: `node_modules/${pkg}/` },
})

const forbidden = [
  { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '^src/(main|index)\\.ts$|worker' }, to: {} },
  {
    name: 'pure-has-no-builtins',
    comment: 'Pure folders have no IO: move it to an adapter behind a port.',
    severity: 'error',
    from: { path: `^src/(${PURE})/` },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'pure-has-no-packages',
    severity: 'error',
    from: { path: `^src/(${PURE})/`, pathNot: '^src/forecast/(deepar|distribution)/' },
    to: { path: 'node_modules/' },
  },
  {
    name: 'deepar-only-tensorflow',
    severity: 'error',
    from: { path: '^src/forecast/(deepar|distribution)/' },
    to: { path: 'node_modules/', pathNot: 'node_modules/@tensorflow/' },
  },
  {
    name: 'pure-not-to-shell',
    severity: 'error',
    from: { path: `^src/(${PURE})/` },
    to: { path: '^src/(runtime|adapters|config|app|cli|main)' },
  },
  {
    name: 'core-is-the-floor',
    severity: 'error',
    from: { path: '^src/core/' },
    to: { path: '^src/', pathNot: '^src/core/' },
  },
  ...STAGES.map((stage) => ({
    name: `stage-${stage}-values`,
    comment: 'A stage takes values only from core; compose stages in src/pipeline.',
    severity: 'error',
    from: { path: `^src/${stage}/` },
    to: {
      path: `^src/(${STAGES.filter((other) => other !== stage).join('|')}|pipeline)/`,
      dependencyTypesNot: ['type-only'],
    },
  })),
  ...STAGES.map((stage, i) => ({
    name: `stage-${stage}-looks-right`,
    comment: 'A stage never knows what comes after it, not even its types.',
    severity: 'error',
    from: { path: `^src/${stage}/` },
    to: { path: `^src/(${[...STAGES.slice(i + 1), 'pipeline'].join('|')})/` },
  })),
  {
    name: 'runtime-has-no-technology',
    severity: 'error',
    from: { path: '^src/runtime/' },
    to: { path: '^src/(adapters|config|app|cli)/|node_modules/' },
  },
  {
    name: 'config-takes-types',
    comment: 'The schema knows the types of what it configures, not the code.',
    severity: 'error',
    from: { path: '^src/config/' },
    to: { path: '^src/(runtime|adapters|app|cli)/' },
  },
  {
    name: 'adapters-apart',
    comment: 'One technology never imports another.',
    severity: 'error',
    from: { path: '^src/adapters/([^/]+)/' },
    to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
  },
  { name: 'adapters-not-to-app', severity: 'error', from: { path: '^src/adapters/' }, to: { path: '^src/(app|cli)/' } },
  {
    name: 'only-app-constructs',
    comment: 'Commands take services from src/app; reading a CSV file is no service.',
    severity: 'error',
    from: { path: '^src/cli/' },
    to: { path: '^src/adapters/', pathNot: '^src/adapters/csv/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'nobody-imports-cli',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(cli/|main\\.ts)' },
    to: { path: '^src/(cli/|main\\.ts)' },
  },
  {
    name: 'nobody-imports-app',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(app|cli)/|^src/main\\.ts' },
    to: { path: '^src/app/' },
  },
  { name: 'src-not-to-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^tests/' } },
  only('kafkajs', 'adapters/kafka'),
  only('prom-client', 'adapters/prometheus'),
  only('protobufjs', 'adapters/prometheus'),
  only('fastify', 'adapters/http'),
  only('pino', 'adapters/log'),
  only('standardwebhooks', 'adapters/notify'),
  only('undici', 'adapters/notify'),
  only('ipaddr.js', 'adapters/notify'),
  only('systeminformation', 'adapters/host'),
  {
    name: 'zod-only-in-config',
    comment: 'What people write is checked where it comes in: pipeline files and settings, and the files of commands.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(config|cli)/' },
    to: { path: 'node_modules/zod/' },
  },
]

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
}
