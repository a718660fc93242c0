#!/usr/bin/env node
// Plain JavaScript: an old Node can read it and say what is missing, and a new one need not load its TypeScript
// compiler for this one file, which takes 30 MB. That of all others comes out of the cache.
import module from 'node:module';
import v8 from 'node:v8';

// No library is imported statically: on an old Node they would fail first, with a stack trace instead of this line.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `Sluice needs Node.js 22.19 or later; this is ${process.versions.node}. "npm start" brings its own.\n`,
  );
  process.exit(1);
}
// Node's own answer to this signal is a debugger on a port, which any program of the same user could ask for.
process.on('SIGUSR1', () => {});
// Keeps compiled code from start to start: later ones take about a third less.
module.enableCompileCache();
// Node's own TypeScript compiler is WebAssembly, in each thread one, and the parser of HTTP is too: V8 13.6 may free
// compiled code of one thread while another counts what it still uses, and the process ends (three times in two runs of
// the tests). What it would free is little: code that was compiled anew for speed.
v8.setFlagsFromString('--no-wasm-code-gc');
// What a start allocates stays: V8 would take it for heavy traffic, and give the young generation 30 MB to begin with.
v8.setFlagsFromString('--semi-space-growth-factor=1');
const { run } = await import('./cli/run.ts');
await run(process.argv.slice(2));
v8.setFlagsFromString('--semi-space-growth-factor=2');
