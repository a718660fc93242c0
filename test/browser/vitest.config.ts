import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['*.journey.ts'],
    // As in src/main.js, where the reason stands.
    execArgv: ['--no-wasm-code-gc'],
    globalSetup: ['support/build.ts'],
    // A journey meets a real browser at moments of its own: what fails twice is a fault, and a second try is named in the report.
    retry: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // As in ../../vitest.config.ts, where the reason stands.
    expect: { poll: { timeout: 15_000 } },
    // One browser at a time: two cores are shared with the gateway.
    fileParallelism: false,
  },
});
