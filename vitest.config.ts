import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    // Tests change folders, environments and signals: a process each keeps them apart.
    pool: 'forks',
    maxWorkers: 2,
    // Properties run many cases, and real git and HTTP are slow on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: { provider: 'v8', include: ['src/**/*.{ts,tsx}'] },
  },
})
