import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What takes some seconds by itself takes half a minute where the machine is busy; so do hooks, which start processes.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The default of a second is less than a busy machine may stand still; what comes sooner is seen sooner.
    expect: { poll: { timeout: 10_000 } },
    // Most tests wait for sockets: on two cores one worker, the default there, leaves more than half of the machine idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // As in src/main.js, where the reason stands.
    execArgv: ['--no-wasm-code-gc'],
    setupFiles: ['test/support/compile-cache.ts'],
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
