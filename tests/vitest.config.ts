import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Pure projects run side by side; those that start services run one file at a time, on two cores. */
export default defineConfig({
  root,
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          root,
          include: [
            'tests/unit/**/*.test.ts',
            'tests/property/**/*.test.ts',
            'tests/golden/**/*.test.ts',
            'tests/quality/**/*.test.ts',
          ],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'architecture',
          root,
          include: ['tests/architecture/**/*.test.ts', 'pipelines/**/*.test.ts', 'grafana/**/*.test.ts'],
          testTimeout: 180_000,
        },
      },
      { test: { name: 'simulation', root, include: ['tests/simulation/**/*.test.ts'], testTimeout: 600_000 } },
      {
        test: {
          name: 'integration',
          root,
          globalSetup: ['tests/support/kafka-setup.ts'],
          include: ['tests/integration/**/*.test.ts', 'tests/chaos/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
