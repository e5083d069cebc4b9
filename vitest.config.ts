import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['tests/generators/seed.ts'],
    // Tests change folders, environments and signals: a process each keeps them apart.
    pool: 'forks',
    // Some tests wait, for git and for disks: three keep two cores at work.
    maxWorkers: 3,
    // Properties run many cases, and real git and HTTP are slow on a busy machine.
    // A law takes longer the more cases it is asked for; 120 s leaves room for a busy machine.
    testTimeout: 120_000 * Number(process.env['ORCHESTRATE_TIMES'] ?? 1),
    hookTimeout: 30_000,
    coverage: { provider: 'v8', include: ['src/**/*.{ts,tsx}'] },
  },
})
