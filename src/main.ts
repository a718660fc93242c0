#!/usr/bin/env node
import module from 'node:module';

// No library is imported statically: on an old Node they would fail first, with a stack trace instead of this line.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `Sluice needs Node.js 22.19 or later; this is ${process.versions.node}. "npm start" brings its own.\n`,
  );
  process.exit(1);
}
// Keeps compiled code from start to start: later ones take about a third less.
module.enableCompileCache();
const { run } = await import('./cli/run.ts');
await run(process.argv.slice(2));
