import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // Hooks start processes, which takes long where the machine is busy.
    hookTimeout: 60_000,
    globalSetup: ['test/support/postgres-setup.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/main.js'],
      reporter: ['text-summary'],
      thresholds: { lines: 85, branches: 75 },
    },
  },
});
