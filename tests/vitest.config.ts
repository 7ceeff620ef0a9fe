import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * First what is pure, on two workers; then the simulations; last, with the machine to themselves and one file at a
 * time, the tests that start services.
 */
export default defineConfig({
  root,
  test: {
    passWithNoTests: true,
    maxWorkers: 2,
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
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'architecture',
          root,
          include: ['tests/architecture/**/*.test.ts', 'pipelines/**/*.test.ts', 'grafana/**/*.test.ts'],
          testTimeout: 180_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'simulation',
          root,
          include: ['tests/simulation/**/*.test.ts'],
          testTimeout: 600_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          root,
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: 90_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'integration',
          root,
          globalSetup: ['tests/support/kafka-setup.ts'],
          include: ['tests/integration/**/*.test.ts', 'tests/chaos/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
